"""Words of what travels as codes below the report: templates of caveats, errors and findings."""
