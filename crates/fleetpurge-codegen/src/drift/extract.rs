//! Finds the OpenAPI document in what the vendor publishes.
//!
//! A documentation page holds one fenced block an operation, each a document of its own with only the schemas that the
//! operation uses; a models page holds a block a schema, without operations. Together they are one document.

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
use serde_json::Value;

use super::compare::find;
use super::node::{Conflict, Node};
use super::path::Path;

/// Something that the vendor publishes: a file or what a URL gave.
#[derive(Clone, Debug)]
pub struct Page {
    /// How it is called in messages: a file name or URL.
    pub name: String,
    /// What it holds.
    pub text: String,
}

/// Why no document was found. Never to be read as "nothing has changed".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExtractError {
    /// It is a web page rather than its Markdown.
    #[error("{0} is HTML; the Markdown of a page is at its address with `.md` appended")]
    Html(String),
    /// There is no OpenAPI document in it.
    #[error(
        "{0} holds no OpenAPI document: no fenced JSON or YAML with a key `openapi`, and it is none itself in JSON or \
         YAML. The page has moved, or the vendor publishes in another form now"
    )]
    Nothing(String),
    /// There is something that was meant to be an OpenAPI document.
    #[error("{name}, line {line}: this should be an OpenAPI document, but cannot be read as {format}: {problem}")]
    Broken {
        /// The page.
        name: String,
        /// The line, counted from 1, where the document starts.
        line: usize,
        /// What it was taken for.
        format: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// It is a version of OpenAPI that is not understood.
    #[error("{name}: OpenAPI version {version} is not understood, only 3.0 and 3.1 are")]
    Version {
        /// The page.
        name: String,
        /// The version.
        version: String,
    },
    /// Two blocks that should be parts of one document disagree.
    #[error("two documents in {name} disagree about {path}; which of them is right cannot be told")]
    Disagree {
        /// The page of the later one.
        name: String,
        /// Where they disagree.
        path: String,
    },
    /// There are several APIs, and none is the one that was asked for.
    #[error("the APIs published here are {found}; the one to compare with is {wanted}")]
    OtherApi {
        /// The titles that were found.
        found: String,
        /// The title that was asked for.
        wanted: String,
    },
    /// There are models, but no operation.
    #[error("there is no operation in {0}, only models; give the page with the operations, too")]
    NoOperation(String),
    /// A `$ref` points to something that is not there.
    #[error("{path} refers to {reference}, which is not there; if it stands on the models page, give that page, too")]
    Dangling {
        /// Where the reference stands.
        path: String,
        /// What it refers to.
        reference: String,
    },
}

/// The one document that the pages publish for the API with this title.
///
/// # Errors
///
/// When there is none, it is broken, or it is in parts that disagree or are not all there.
pub fn extract(pages: &[Page], title: &str) -> Result<Node, ExtractError> {
    let mut documents: Vec<(&str, Node)> = Vec::new();
    for page in pages {
        let found = documents_in(page)?;
        if found.is_empty() {
            return Err(ExtractError::Nothing(page.name.clone()));
        }
        documents.extend(found.into_iter().map(|document| (page.name.as_str(), document)));
    }
    let document = merged(select(documents, title)?)?;
    if !matches!(document.get("paths"), Some(Node::Object(paths)) if !paths.is_empty()) {
        let names: Vec<&str> = pages.iter().map(|page| page.name.as_str()).collect();
        return Err(ExtractError::NoOperation(names.join(", ")));
    }
    let value = document.to_value();
    check_references(&value, &value, &Path::root())?;
    Ok(document)
}

/// Where there are several APIs, the one with the title; where there is one, that one, whatever its title is now.
fn select<'a>(mut documents: Vec<(&'a str, Node)>, wanted: &str) -> Result<Vec<(&'a str, Node)>, ExtractError> {
    let mut titles: Vec<&str> = documents.iter().map(|(_, document)| title(document)).collect();
    titles.sort_unstable();
    titles.dedup();
    if titles.len() > 1 {
        if !titles.contains(&wanted) {
            return Err(ExtractError::OtherApi {
                found: titles.join(", "),
                wanted: wanted.to_owned(),
            });
        }
        documents.retain(|(_, document)| title(document) == wanted);
    }
    Ok(documents)
}

fn title(document: &Node) -> &str {
    document
        .get("info")
        .and_then(|info| info.get("title"))
        .and_then(Node::as_str)
        .unwrap_or("(without a title)")
}

fn merged(documents: Vec<(&str, Node)>) -> Result<Node, ExtractError> {
    let mut whole = Node::Object(indexmap::IndexMap::new());
    for (name, document) in documents {
        whole
            .merge(document, &Path::root())
            .map_err(|Conflict { path }| ExtractError::Disagree {
                name: name.to_owned(),
                path: path.to_string(),
            })?;
    }
    Ok(whole)
}

fn documents_in(page: &Page) -> Result<Vec<Node>, ExtractError> {
    let text = page.text.trim_start_matches('\u{feff}');
    let start = text.trim_start();
    // `{%` opens a block of the page's own markup.
    if start.starts_with('{') && !start.starts_with("{%") {
        return Ok(vec![document(page, start, 1, Format::Json)?]);
    }
    if start.starts_with("<!") || start.starts_with("<html") {
        return Err(ExtractError::Html(page.name.clone()));
    }
    // Before Markdown: a description in YAML may hold a fenced block.
    if mentions_openapi(text, Format::Yaml) {
        return Ok(vec![document(page, text, 1, Format::Yaml)?]);
    }
    fenced_blocks(text)
        .into_iter()
        .filter(|block| mentions_openapi(&block.text, block.format))
        .map(|block| document(page, &block.text, block.line, block.format))
        .collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Yaml,
}

struct Block {
    text: String,
    line: usize,
    format: Format,
}

/// Whether a text means to be an OpenAPI document, well-formed or not. Other blocks of a page show calls and replies.
fn mentions_openapi(text: &str, format: Format) -> bool {
    let is = |key: &str| match format {
        Format::Json => text.contains(&format!("\"{key}\"")),
        Format::Yaml => text.lines().any(|line| {
            line.strip_prefix(key)
                .or_else(|| line.strip_prefix(&format!("\"{key}\"")))
                .or_else(|| line.strip_prefix(&format!("'{key}'")))
                .is_some_and(|rest| rest.trim_start().starts_with(':'))
        }),
    };
    is("openapi") || is("swagger")
}

fn fenced_blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (event, range) in Parser::new(text).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let yaml = matches!(&kind, CodeBlockKind::Fenced(info) if info.starts_with("y"));
                open = Some(Block {
                    text: String::new(),
                    line: text[..range.start].lines().count() + 1,
                    format: if yaml { Format::Yaml } else { Format::Json },
                });
            }
            Event::Text(part) => {
                if let Some(block) = &mut open {
                    block.text.push_str(&part);
                }
            }
            Event::End(TagEnd::CodeBlock) => blocks.extend(open.take().map(|mut block| {
                if !block.text.trim_start().starts_with('{') {
                    block.format = Format::Yaml;
                }
                block
            })),
            _ => {}
        }
    }
    blocks
}

fn document(page: &Page, text: &str, line: usize, format: Format) -> Result<Node, ExtractError> {
    let broken = |name, problem: String| ExtractError::Broken {
        name: page.name.clone(),
        line,
        format: name,
        // A parser may go on to quote the text; the first line says what and where.
        problem: problem.lines().next().unwrap_or_default().to_owned(),
    };
    let node: Node = match format {
        Format::Json => serde_json::from_str(text).map_err(|error| broken("JSON", error.to_string()))?,
        Format::Yaml => {
            // YAML 1.2: `no` is a word.
            let options = serde_saphyr::options! { strict_booleans: true };
            serde_saphyr::from_str_with_options(text, options).map_err(|error| broken("YAML", error.to_string()))?
        }
    };
    let version = |key: &str| {
        node.get(key)
            .map(|version| version.as_str().unwrap_or("(no text)").to_owned())
    };
    match version("openapi").or_else(|| version("swagger")) {
        Some(version) if version.starts_with("3.0.") || version.starts_with("3.1.") => Ok(node),
        Some(version) => Err(ExtractError::Version {
            name: page.name.clone(),
            version,
        }),
        None => Err(broken(
            match format {
                Format::Json => "JSON",
                Format::Yaml => "YAML",
            },
            "it has no key `openapi` at its top".to_owned(),
        )),
    }
}

/// Every `$ref` must lead somewhere: what it hides could have changed.
fn check_references(node: &Value, document: &Value, path: &Path) -> Result<(), ExtractError> {
    match node {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get("$ref")
                && find(document, reference).is_none()
            {
                return Err(ExtractError::Dangling {
                    path: path.to_string(),
                    reference: reference.clone(),
                });
            }
            object
                .iter()
                // What these hold is data, not structure.
                .filter(|(key, _)| !matches!(key.as_str(), "example" | "examples" | "default" | "enum"))
                .try_for_each(|(key, value)| check_references(value, document, &path.field(key)))
        }
        Value::Array(array) => array
            .iter()
            .enumerate()
            .try_for_each(|(index, value)| check_references(value, document, &path.index(index))),
        _ => Ok(()),
    }
}
