//! The picture for README.md: how many requests per second each contender sends, as bars.

use std::fmt::Write;

use super::finding::Measured;
use super::results::Results;

/// The rows that are drawn: the first regime of each.
const DRAWN: &[&str] = &["P1", "P2", "P3"];

const WIDTH: f64 = 720.0;
const LABEL: f64 = 150.0;
const BAR: f64 = 20.0;
const GAP: f64 = 6.0;

/// An SVG that is read on a light and on a dark page.
pub(super) fn picture(results: &Results) -> String {
    let mut body = String::new();
    let mut y = 8.0;
    for row in results.rows.iter().filter(|row| DRAWN.contains(&row.id)) {
        let Some(first) = row.measured.first() else { continue };
        let lines: Vec<&Measured> = row.measured.iter().filter(|line| line.regime == first.regime).collect();
        y += 22.0;
        let _ = writeln!(
            body,
            r#"<text class="title" x="0" y="{y}">Requests per second: {}</text>"#,
            escaped(&first.regime)
        );
        y += 10.0;
        let most = lines
            .iter()
            .map(|line| line.requests_per_second.median)
            .fold(1.0, f64::max);
        for line in lines {
            let rate = line.requests_per_second.median;
            let width = ((WIDTH - LABEL - 70.0) * rate / most).max(1.0);
            let class = if line.contender.starts_with("fleetpurge") {
                "ours"
            } else {
                "bar"
            };
            let middle = y + BAR * 0.72;
            let _ = writeln!(
                body,
                r#"<text x="{}" y="{middle}" text-anchor="end">{}</text><rect class="{class}" x="{LABEL}" y="{y}" width="{width:.1}" height="{BAR}"/><text x="{:.1}" y="{middle}">{rate:.0}</text>"#,
                LABEL - 8.0,
                escaped(line.contender),
                LABEL + width + 6.0,
            );
            y += BAR + GAP;
        }
    }
    let height = y + 8.0;
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="Requests per second of fleetpurge apply beside other clients">
<style>
text {{ font: 13px sans-serif; fill: #24292f }}
.title {{ font-weight: bold }}
.bar {{ fill: #8c959f }}
.ours {{ fill: #0969da }}
@media (prefers-color-scheme: dark) {{ text {{ fill: #e6edf3 }} .ours {{ fill: #58a6ff }} }}
</style>
{body}</svg>
"##
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
