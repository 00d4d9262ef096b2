"""The frame of every command: what it can be asked, how a request is checked, what it says."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import partial, wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec, TypeVar, get_args, get_type_hints

import typer
from typer.models import ArgumentInfo, OptionInfo, ParameterInfo

from hotspots.core.errors import DataError, Finding, Findings, HotspotsError, InputError
from hotspots.core.periods import read_span
from hotspots.core.plain import still_text
from hotspots.core.text.doors import PYTHON, Door, options_door

if TYPE_CHECKING:
    from hotspots.cli.inputs import Gathered
    from hotspots.core.record import RunRecord

Body = Callable[..., None]
USAGE_PROBLEM = 2
AUDIENCES = ("internal", "partner", "public")
WRITTEN = (".csv", ".geojson", ".gpkg", ".html", ".xlsx")
source_option: Callable[..., Any] = partial(typer.Option, rich_help_panel="Incidents and places")
answer_option: Callable[..., Any] = partial(typer.Option, rich_help_panel="Answers")

FolderOption = Annotated[
    Path, typer.Option("--out", "-o", help="Folder to write into; made if needed.")
]
OpenOption = Annotated[bool, typer.Option("--open", help="Open the page when it is made.")]
BriefOption = Annotated[
    bool, typer.Option("--quiet", "-q", help="The answer alone: no progress, notes or files.")
]

LONGEST_LINE = 100


def silent(_: str) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class Request:
    """What was typed, as far as all commands share it."""

    command: str
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Files or folders of incidents, all in one layout; or use --product."),
    ]
    product: Annotated[
        Path | None,
        source_option(
            help="A product configuration (TOML): its sources, city, zones, period and marking."
        ),
    ]
    fields: Annotated[Path | None, source_option(help="Field map of the files (TOML).")]
    themes: Annotated[
        str | None,
        source_option(
            help="Themes by name or file; by default those of the files' offence scheme."
        ),
    ]
    harm_scale: Annotated[str | None, source_option(help="Harm weights, by name or CSV file.")]
    within: Annotated[str | None, source_option(help="The city: FILE or FILE:LAYER.")]
    zones: str | None
    zone_id: Annotated[str | None, source_option(help="Column of --zones with ids.")]
    zone_name: Annotated[str | None, source_option(help="Column of --zones with names.")]
    period: Annotated[str | None, source_option(help='Such as "2024-04/2025-03".')]
    out: Annotated[
        list[Path] | None,
        answer_option(
            *("--out", "-o"),
            help="Write it here: .html, .xlsx, .gpkg, .geojson or .csv; repeat. Needs a marking.",
        ),
    ]
    marking: Annotated[str | None, answer_option(help="Handling words, such as OFFICIAL.")]
    audience: Annotated[
        str | None,
        answer_option(
            help="internal (default), partner or public: what they may see is shown and written."
        ),
    ]
    as_json: Annotated[bool, answer_option("--json", help="Print JSON for machines.")]
    sort: Annotated[str | None, answer_option(help="Column to sort the screen by.")] = None
    limit: Annotated[int | None, answer_option(min=1, help="Rows on the screen.")] = None
    quiet: Annotated[bool, answer_option("--quiet", "-q", help="The answer alone, no notes.")] = (
        False
    )
    door: Door = PYTHON
    say: Callable[[str], None] = silent
    named: tuple[str, ...] = ()
    """All texts that were typed, but for ``--out``: some are files."""

    def check(self) -> None:
        """Raise for a request that cannot be answered, every fault at once."""
        faults = Findings()
        if bool(self.files) == bool(self.product):
            faults.error(
                "incidents",
                "give incidents either as files or with `product`; got "
                f"{'both' if self.files else 'neither'}.",
            )
        for name in ("fields", "themes", "harm_scale"):
            if self.product and getattr(self, name):
                faults.error("product", f"`{name}` is for files; a product brings its own.")
        for path in self.out or ():
            if path.suffix.lower() not in WRITTEN:
                endings = ", ".join(WRITTEN)
                faults.error("suffix", f"`out` must end in one of {endings}; got {path.name!r}.")
        if self.audience not in (None, *AUDIENCES):
            faults.error(
                "audience",
                f"`audience` must be internal, partner or public; got {self.audience!r}.",
            )
        if self.out and not self.marking and (self.audience or not self.product):
            faults.error(
                "marking",
                "a file needs `marking`, the handling words it will carry; there is no default"
                + (", and that of a product is for its own audience." if self.product else "."),
            )
        if self.period:
            try:
                read_span(self.period, "period")
            except InputError as error:
                faults.add(*error.findings)
        faults.raise_errors(InputError)
        require_paths(*(self.files or ()), self.product, self.fields, self.within, self.zones)

    def gather(self) -> Gathered:
        """The tables it names; they are loaded here."""
        from hotspots.cli.inputs import gather

        return gather(self)


TYPED = [one.name for one in fields(Request) if one.name not in ("command", "door", "say", "named")]


def require_paths(*given: Path | str | None) -> None:
    """Refuse paths that lead nowhere, all at once, before anything is loaded or read.

    ``FILE:LAYER`` is a file too; what is on another machine (``postgresql://``) is left alone.
    """
    missing = Findings()
    for one in map(str, filter(None, given)):
        is_layer = Path(one.rpartition(":")[0]).is_file()
        if not (is_layer or "://" in one or Path(one).exists()):
            missing.error("no-such-file", NOWHERE, file=one)
    missing.raise_errors(DataError)


def require_choice(option: str, given: str | None, known: tuple[str, ...]) -> None:
    """Refuse a word that an option does not know, before anything is loaded or read."""
    if given is not None and given not in known:
        words = f"{', '.join(known[:-1])} or {known[-1]}"
        raise InputError(f"`{option}` must be {words}; got {given!r}.")


NOWHERE = "there is no such file or folder. Check the spelling and the working folder."


def command(zones: str, *, period: bool = False) -> Callable[[Body], Callable[..., None]]:
    """Give a command the options that all commands share; its own stand between them.

    Parameters
    ----------
    zones : str
        Help for ``--zones``, which means something else in each command.
    period : bool
        Whether it takes ``--period``.

    Returns
    -------
    callable
        Makes a command of a function that takes what was typed as a :class:`Request`, and its own
        options by name. A request that cannot be answered is told in the words of options.
    """

    def made(body: Body) -> Callable[..., None]:
        before, after = _shared(zones, period)
        own = list(signature(body, eval_str=True).parameters.values())[1:]
        names = [one.name for one in (*before, *after)]

        @wraps(body)
        def typed(**given: Any) -> None:
            shared = {name: given.pop(name) for name in names}
            with answering(typed), progress_line(not shared["quiet"]) as say:
                told = {"period": None, **shared}
                named = tuple(_texts_in([*(shared | {"out": None}).values(), *given.values()]))
                request = Request(body.__name__, **told, door=door_of(typed), say=say, named=named)
                request.check()
                say("reading the incidents ...")
                body(request, **given)

        typed.__signature__ = Signature([*before, *own, *after])  # type: ignore[attr-defined]
        typed.__annotations__ = {one.name: one.annotation for one in (*before, *own, *after)}
        return typed

    return made


def _texts_in(values: Iterable[Any]) -> Iterator[str]:
    for one in values:
        if isinstance(one, (str, Path)):
            yield str(one)
        elif isinstance(one, (list, tuple)):
            yield from _texts_in(one)


def _shared(zones: str, period: bool) -> tuple[list[Parameter], list[Parameter]]:
    """The options that stand before and after those of a command's own."""
    options = get_type_hints(Request, include_extras=True)
    options["zones"] = Annotated[str | None, typer.Option("--zones", help=zones)]
    parameters = [
        Parameter(
            name, Parameter.KEYWORD_ONLY, annotation=options[name],
            default=False if get_args(options[name])[0] is bool else None,
        )
        for name in TYPED
        if period or name != "period"
    ]  # fmt: skip
    answers = next(at for at, one in enumerate(parameters) if one.name == "out")
    return parameters[:answers], parameters[answers:]


@contextmanager
def answering(command: Callable[..., None]) -> Iterator[None]:
    """A request that cannot be answered as it stands is a usage error, in the words of options."""
    with in_words_of_options(command):
        try:
            yield
        except InputError as error:
            say_fault(error.through(door_of(command)))
            raise typer.Exit(USAGE_PROBLEM) from None


P = ParamSpec("P")
T = TypeVar("T")

SAME = {
    "id_field": "zone_id",
    "name_field": "zone_name",
    "rings_m": "ring",
    "groups": "group",
    "paths": "files",
    "false_alarms_a_year": "false_alarms",
    "runs_a_year": "runs",
    "kinds": "kind",
    "homes": "population",
}
"""Arguments of the library by the name their option has."""


def door_of(command: Callable[..., Any]) -> Door:
    """The words of a command: `max_walk_m` is --max-walk-m where it has that option."""
    known = dict(_named(signature(command, eval_str=True).parameters.values()))
    also = {argument: known[option] for argument, option in SAME.items() if option in known}
    if "residents" in known:
        also["population"] = known["residents"]
    return options_door(also | known)


@contextmanager
def in_words_of_options(command: Callable[..., Any]) -> Iterator[None]:
    """Say errors of the library in the words of a command."""
    try:
        yield
    except HotspotsError as error:
        raise error.through(door_of(command)) from error


def by_options(command: Callable[P, T]) -> Callable[P, T]:
    """A command whose errors are said in the words of its options."""

    @wraps(command)
    def typed(*given: P.args, **options: P.kwargs) -> T:
        with in_words_of_options(command):
            return command(*given, **options)

    return typed


def _named(parameters: Any) -> Iterator[tuple[str, str]]:
    """Every parameter with what people type for it."""
    for one in parameters:
        info = next(
            (kind for kind in get_args(one.annotation) if isinstance(kind, ParameterInfo)), None
        )
        if isinstance(info, ArgumentInfo):
            yield one.name, one.name.upper()
        elif isinstance(info, OptionInfo):
            own = [word for word in info.param_decls or () if word.startswith("--")]
            yield one.name, own[0] if own else f"--{one.name.replace('_', '-')}"


@contextmanager
def progress_line(wanted: bool = True) -> Iterator[Callable[[str], None]]:
    """A function that says what is being done; told nothing, it makes room for an answer.

    It writes to standard error, and only to a terminal: files and pipes hold answers.
    """
    if not (wanted and sys.stderr.isatty()):
        yield silent
        return
    from rich.console import Console

    status = Console(stderr=True).status("")

    def say(words: str) -> None:
        if words:
            status.update(words)
            status.start()
        else:
            status.stop()

    try:
        yield say
    finally:
        status.stop()


def say_words(words: str, *, err: bool = False) -> None:
    """Print words: on a terminal in lines that end between words, in a file each as one line.

    Names come from files: what would move the terminal, or turn the writing, is taken out.
    """
    words = still_text(words)
    if (sys.stderr if err else sys.stdout).isatty():
        words = in_lines(words, max(20, min(shutil.get_terminal_size().columns, LONGEST_LINE)))
    typer.echo(words, err=err)


def say_fault(words: object) -> None:
    """Print why nothing was done."""
    typer.echo(still_text(f"hotspots: {words}"), err=True)


def in_lines(words: str, width: int) -> str:
    r"""Words in lines of so many letters; what goes on from a line above stands further in.

    Examples
    --------
    >>> print(in_lines("Boar Lane leads.\nnote: a hotspot is not grounds.", 20))
    Boar Lane leads.
    note: a hotspot is
      not grounds.
    """
    made = textwrap.TextWrapper(
        width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(made.fill(line) for line in words.split("\n"))


def say_product(
    record: RunRecord, files: Sequence[Path], door: Door, *, quiet: bool = False,
    told: list[Finding] | None = None,
) -> None:  # fmt: skip
    """What was found, what went in, what was written; warnings last, but those ``told`` before."""
    rows = f"{record.read:,} rows read, {record.accepted:,} accepted, {record.rejected:,} rejected"
    say_words(rows if record.sources else record.title)
    for caveat in record.caveats:
        if caveat.is_loud:
            say_words(f"NOTE WELL: {caveat}")
    for sentence in record.sentences.values():
        say_words(sentence)
    if quiet:
        return
    typer.echo("")
    for path in files:
        typer.echo(f"  {path}  ({path.stat().st_size / 1024:,.0f} KB)")
    told = [] if told is None else told
    for finding in record.findings:
        if finding.severity == "warning" and finding not in told:
            say_words(f"warning: {finding.through(door)}", err=True)
            told.append(finding)


def show(page: Path, open_page: bool) -> None:
    """Name the page to look at, and open it where that was asked for."""
    typer.echo(f"Open {page.resolve()}")
    if open_page:
        import webbrowser

        webbrowser.open(page.resolve().as_uri())


def say_files(files: Sequence[Path]) -> None:
    """What is there now."""
    for path in files:
        typer.echo(f"{path}  ({path.stat().st_size / 1024:,.0f} KB)")
