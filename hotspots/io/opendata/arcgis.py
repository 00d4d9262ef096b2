"""Questions to an ArcGIS feature service: counted first, then page by page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hotspots.core.errors import DataError
from hotspots.core.text.mends import Mend
from hotspots.io.opendata.http import PASSING, AgainError, FetchProgress

if TYPE_CHECKING:
    from hotspots.io.opendata.http import Client, Tell

PAGE = 2_000


@dataclass(frozen=True)
class Service:
    """Questions to an ArcGIS feature service."""

    client: Client
    base: str
    tell: Tell | None

    def ask(self, service: str, where: str, **more: str) -> tuple[Any, str]:
        """One answer and its date; an error in a good envelope is an error."""
        url = f"{self.base}/{service}/FeatureServer/0/query"

        def attempt() -> tuple[Any, str]:
            _, answer, date = self.client.json(url, {"where": where, "f": "json"} | more)
            error: Any = answer.get("error") if isinstance(answer, dict) else {"message": answer}
            if error is None:
                return answer, date
            words = error.get("message") if isinstance(error, dict) else error
            told = f"{url}: the service refused where={where!r:.120}: {str(words)[:200]!r}"
            if isinstance(error, dict) and error.get("code") in PASSING:
                raise AgainError(told)
            raise DataError(f"{told}.", rule="service-refused", mend=Mend("name-layer"))

        return self.client.persist(attempt)

    def count(self, service: str, where: str) -> int:
        """How many features the service says there are."""
        answer, _ = self.ask(service, where, returnCountOnly="true")
        if not isinstance(answer.get("count"), int):
            raise DataError(f"{service}: a count was expected; got {str(answer)[:80]!r}.")
        return int(answer["count"])

    def rows(
        self, service: str, where: str, fields: list[str], *, what: str, **more: str
    ) -> tuple[list[dict[str, Any]], str]:
        """All features, page by page in order of the first field; as many as were counted."""
        expected, date = self.count(service, where), ""
        rows: list[dict[str, Any]] = []
        while len(rows) < expected:
            answer, date = self.ask(
                service,
                where,
                outFields=",".join(fields),
                # Pages of a list in no order may overlap.
                orderByFields=fields[0],
                resultOffset=str(len(rows)),
                resultRecordCount=str(PAGE),
                **more,
            )
            page = answer.get("features")
            if not isinstance(page, list) or not page:
                break
            rows.extend(page)
            if self.tell is not None:
                self.tell(FetchProgress(what, len(rows), expected, "zones"))
        if len(rows) != expected:
            raise DataError(
                f"{service}: the service counts {expected:,} features where {where!r:.120}; "
                f"{len(rows):,} came. Run the same again.",
                rule="features-missing",
            )
        return rows, date
