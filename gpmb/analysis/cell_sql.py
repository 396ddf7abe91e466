"""The hexagons of geo.cells in SQL, so that PostGIS counts and only cells reach Python."""

from geo import cells


def count_by_cell(source: str, *, by: str = "") -> str:
    """Return SQL that counts households by cell.

    `source` is an SQL SELECT of `point` (geometry, metres), `has_case` (boolean) and, if given,
    the columns `by`. The rows are (q, r[, by], households, households with a case), equal to what
    geo.cells.cell_of gives; Charles Chambers' floors ("Hexagonal Grids") need less arithmetic
    than cube rounding. OFFSET 0 keeps the planner from taking the coordinates out six times.
    """
    extra = f"{by}, " if by else ""
    also = f", {by}" if by else ""
    across, up = 1 / (cells.SQRT3 * cells.EDGE_M), 1 / cells.EDGE_M
    return f"""
        SELECT q::int, -r::int, {extra}count(*), count(*) FILTER (WHERE has_case)
        FROM (
            SELECT {extra}has_case,
                floor((floor(2 * x + 1) + t) / 3) AS q,
                floor((floor(1 - x - y) + t) / 3) AS r
            FROM (
                SELECT {extra}has_case, x, y, floor(x - y + 1) AS t
                FROM (
                    SELECT {extra}has_case,
                        ST_X(point) * {across!r}::float8 AS x, ST_Y(point) * {up!r}::float8 AS y
                    FROM ({source}) AS source OFFSET 0
                ) AS scaled
            ) AS slanted
        ) AS cell
        GROUP BY q, r{also}
        ORDER BY 1, 2{also}
    """  # noqa: S608  (constant SQL and numbers of this project)
