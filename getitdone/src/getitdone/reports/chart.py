"""The charts of a month: requests by service and by day, drawn by Bokeh in the reader's browser.

The page carries Bokeh's scripts itself (inline), so that it works without another server.
"""

from __future__ import annotations

from typing import Any

import polars as pl
from bokeh.core.properties import value
from bokeh.embed import components
from bokeh.models import (
    BasicTicker,
    ColumnDataSource,
    FactorRange,
    FixedTicker,
    HoverTool,
    NumeralTickFormatter,
    Range1d,
)
from bokeh.plotting import figure
from bokeh.resources import Resources
from markupsafe import Markup

BAR = "#1f6f8b"
OTHER = "#9aa9b1"
FONT = "system-ui, sans-serif"


def chart_markup(counts: pl.DataFrame, days: pl.DataFrame, *, top: int) -> dict[str, Markup]:
    """The page's pieces: `scripts` for its head, `services` and `days` to stand where the charts shall.

    `counts` has `service_name` and `count`, `days` has `day` and `count`.
    """
    made: Any = components({"services": _services(counts, top), "days": _days(days)})
    script, places = made
    # Only Bokeh's core: the modules for widgets, tables, maths and WebGL would make the page three times as large.
    scripts = Resources(mode="inline", components=["bokeh"]).render()
    return {
        "scripts": Markup(scripts) + Markup(script),  # noqa: S704 - Bokeh's own markup, in which it escapes our texts
        "services": Markup(places["services"]),  # noqa: S704 - as above
        "days": Markup(places["days"]),  # noqa: S704 - as above
    }


def _services(counts: pl.DataFrame, top: int) -> Any:
    asked = counts.filter(pl.col("count") > 0)
    shown, rest = asked.head(top), asked.slice(top)
    names = [_label(name) for name in shown["service_name"].to_list()]
    values = shown["count"].to_list()
    colours = [BAR] * len(names)
    if rest.height:
        names.append(f"{rest.height} other services")
        values.append(int(rest["count"].sum()))
        colours.append(OTHER)
    # Two services may begin alike: a factor must be unique.
    names = [name if names.count(name) == 1 else f"{name} ({at})" for at, name in enumerate(names, start=1)]
    source = ColumnDataSource(
        {"name": names, "count": values, "written": [f"{value:,}" for value in values], "colour": colours}
    )
    plot: Any = figure(
        y_range=FactorRange(factors=names[::-1]),
        height=90 + 26 * max(1, len(names)),
        sizing_mode="stretch_width",
        toolbar_location=None,
        tools="",
        x_axis_label="requests",
    )
    plot.hbar(y="name", right="count", height=0.72, color="colour", source=source)
    plot.text(
        x="count",
        y="name",
        text="written",
        text_font=value(FONT),
        x_offset=6,
        text_baseline="middle",
        text_font_size="12px",
        text_color="#27333a",
        source=source,
    )
    plot.x_range = Range1d(start=0, end=max([*values, 1]) * 1.25)
    plot.add_tools(HoverTool(tooltips=[("service", "@name"), ("requests", "@count{0,0}")]))
    plot.xaxis.formatter = NumeralTickFormatter(format="0,0")
    plot.xaxis.ticker = BasicTicker(desired_num_ticks=4)
    return _styled(plot, grid=plot.xgrid)


def _days(days: pl.DataFrame) -> Any:
    numbers = [day.day for day in days["day"].to_list()]
    source = ColumnDataSource(
        {
            "day": numbers,
            "count": days["count"].to_list(),
            "date": [f"{day:%A, %d %B}" for day in days["day"].to_list()],
        }
    )
    plot: Any = figure(
        x_range=Range1d(start=0.4, end=len(numbers) + 0.6),
        height=260,
        sizing_mode="stretch_width",
        toolbar_location=None,
        tools="",
        x_axis_label="day of the month",
    )
    plot.vbar(x="day", top="count", width=0.76, color=BAR, source=source)
    plot.y_range.start = 0
    plot.xaxis.ticker = FixedTicker(ticks=[1, 5, 10, 15, 20, 25, 30])
    plot.add_tools(HoverTool(tooltips=[("day", "@date"), ("requests", "@count{0,0}")]))
    plot.yaxis.formatter = NumeralTickFormatter(format="0,0")
    return _styled(plot, grid=plot.ygrid)


def _label(name: str) -> str:
    return name if len(name) <= 34 else name[:33].rstrip() + "…"


def _styled(plot: Any, *, grid: Any) -> Any:
    plot.outline_line_color = None
    plot.background_fill_color = None
    plot.border_fill_color = None
    plot.axis.axis_line_color = "#b8c4ca"
    plot.axis.major_tick_line_color = None
    plot.axis.minor_tick_line_color = None
    plot.axis.major_label_text_font = FONT
    plot.axis.major_label_text_font_size = "12px"
    plot.axis.major_label_text_color = "#27333a"
    plot.axis.axis_label_text_font = FONT
    plot.axis.axis_label_text_font_style = "normal"
    plot.axis.axis_label_text_color = "#54646d"
    plot.grid.grid_line_color = None
    grid.grid_line_color = "#e3e9ec"
    return plot
