using System.Globalization;
using System.Net;
using System.Text;
using Strata.Cli.Models;

namespace Strata.Cli.Verbs;

/// <summary>The page of <c>strata inspect --html</c>: one file that needs nothing else, sortable and searchable.</summary>
internal static class InspectPage
{
    public static string Render(NetworkDescription network)
    {
        var page = new StringBuilder();
        page.Append($"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Html(network.File.Name)} · Strata</title>
            <style>{Style}</style>
            </head>
            <body>
            <h1>{Html(network.File.Name)}</h1>
            <dl>

            """);
        foreach (var (label, value) in InspectVerb.Summary(network)) page.Append($"<dt>{Html(label)}</dt><dd>{Html(value)}</dd>\n");
        page.Append("</dl>\n<h2>Layers</h2>\n<input id=\"filter\" type=\"search\" placeholder=\"Filter by name, operator or type\" aria-label=\"Filter layers\">\n<table id=\"layers\">\n<thead><tr>");
        foreach (var (heading, isNumber) in Columns) page.Append($"<th{(isNumber ? " class=n" : "")}><button>{heading}</button></th>");
        page.Append("</tr></thead>\n<tbody>\n");
        long largest = network.Layers.Select(l => l.Bytes).Append(0).Max();
        foreach (var row in network.Layers) AppendRow(page, row, network.Bytes, largest);
        return page.Append($"</tbody>\n</table>\n<script>{Script}</script>\n</body>\n</html>\n").ToString();
    }

    private static readonly (string Heading, bool IsNumber)[] Columns =
        [("id", true), ("name", false), ("operator", false), ("output", false), ("bytes", true), ("share", false), ("bits/weight", true), ("codec", false)];

    private static void AppendRow(StringBuilder page, LayerDescription row, long total, long largest)
    {
        double share = total == 0 ? 0 : 100.0 * row.Bytes / total, width = largest == 0 ? 0 : 100.0 * row.Bytes / largest;
        string bytes = row.Elements == 0 ? "" : Sizes.Count(row.Bytes), bits = row.Elements == 0 ? "" : Sizes.Number(row.BitsPerWeight, "0.00");
        page.Append($"<tr><td class=n>{row.Layer.Id}</td><td>{Html(row.Layer.Name)}</td><td>{Html(row.Operator)}</td><td class=t>{Html(row.OutputTypes)}</td>");
        page.Append($"<td class=n data-v=\"{row.Bytes}\">{bytes}</td>");
        page.Append(CultureInfo.InvariantCulture, $"<td data-v=\"{row.Bytes}\" title=\"{share:0.##} %\"><span class=bar style=\"width:{width:0.###}%\"></span></td>");
        page.Append($"<td class=n>{bits}</td><td>{Html(row.Codec)}</td></tr>\n");
    }

    private static string Html(string text) => WebUtility.HtmlEncode(text);

    private const string Style = """

        :root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 15%, transparent); --bar: #3b82f6; }
        body { font: 14px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; }
        h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; }
        dt { opacity: .65; } dd { margin: 0; overflow-wrap: anywhere; }
        input { font: inherit; padding: .35rem .6rem; width: 22rem; max-width: 100%; margin-bottom: .6rem; }
        table { border-collapse: collapse; width: 100%; }
        th { text-align: left; border-bottom: 2px solid var(--line); padding: 0; }
        th.n { text-align: right; }
        th button { all: unset; cursor: pointer; padding: .3rem .6rem; font-weight: 600; }
        th button:focus-visible { outline: 2px solid var(--bar); }
        td { padding: .2rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
        td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        td.t { font-family: ui-monospace, monospace; font-size: 12px; }
        td:nth-child(6) { min-width: 8rem; } .bar { display: inline-block; height: .7rem; min-width: 0; background: var(--bar); border-radius: 2px; }

        """;

    private const string Script = """

        const body = document.querySelector('#layers tbody'), rows = [...body.rows];
        document.querySelector('#filter').addEventListener('input', e => {
          const wanted = e.target.value.toLowerCase();
          for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
        });
        document.querySelectorAll('#layers th button').forEach((button, column) => {
          let up = false;
          button.addEventListener('click', () => {
            up = !up;
            const key = row => { const cell = row.cells[column]; return cell.dataset.v ?? cell.textContent; };
            rows.sort((a, b) => key(a).localeCompare(key(b), 'en', { numeric: true }) * (up ? 1 : -1));
            body.append(...rows);
          });
        });

        """;
}
