//! Finds the OpenAPI document in what the vendor publishes.
//!
//! A documentation page holds one fenced block an operation, each a document of its own with only the schemas that the
//! operation uses; a models page holds a block a schema, without operations. Together they are one document.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
use serde_json::Value;

use super::comparison::find;
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
    if start.starts_with("<!") || start.starts_with("<html") {
        return Err(ExtractError::Html(page.name.clone()));
    }
    let whole = |format| Block {
        text: text.to_owned(),
        range: 0..text.len(),
        line: 1,
        format,
    };
    // `{%` opens a block of the page's own markup.
    if start.starts_with('{') && !start.starts_with("{%") {
        return Ok(vec![whole(Format::Json).document(page)?]);
    }
    let blocks = fenced_blocks(text);
    // A page may hold YAML in a fenced block, and YAML a fenced block in a description: the place of the key decides.
    if let Some(key) = yaml_key(text)
        && !blocks.iter().any(|block| block.range.contains(&key))
    {
        return Ok(vec![whole(Format::Yaml).document(page)?]);
    }
    let mut documents = Vec::new();
    for block in blocks {
        match block.document(page) {
            Ok(document) => documents.push(document),
            Err(ExtractError::Broken { .. }) if !block.means_to_be_a_document() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(documents)
}

#[derive(Clone, Copy)]
enum Format {
    Json,
    Yaml,
}

struct Block {
    text: String,
    range: Range<usize>,
    line: usize,
    format: Format,
}

impl Block {
    fn document(&self, page: &Page) -> Result<Node, ExtractError> {
        let name = match self.format {
            Format::Json => "JSON",
            Format::Yaml => "YAML",
        };
        let broken = |problem: String| ExtractError::Broken {
            name: page.name.clone(),
            line: self.line,
            format: name,
            // A parser may go on to quote the text; the first line says what and where.
            problem: problem.lines().next().unwrap_or_default().to_owned(),
        };
        let node: Node = match self.format {
            Format::Json => serde_json::from_str(&self.text).map_err(|error| broken(error.to_string()))?,
            Format::Yaml => {
                // YAML 1.2: `no` is a word.
                let options = serde_saphyr::options! { strict_booleans: true };
                serde_saphyr::from_str_with_options(&self.text, options).map_err(|error| broken(error.to_string()))?
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
            None => Err(broken("it has no key `openapi` at its top".to_owned())),
        }
    }

    /// Whether this should be an OpenAPI document, though it is none. Other blocks of a page show calls and replies;
    /// those can be read, and have no such key at their top.
    fn means_to_be_a_document(&self) -> bool {
        match self.format {
            Format::Json => {
                serde_json::from_str::<Node>(&self.text).is_err()
                    && ["\"openapi\"", "\"swagger\""].iter().any(|key| self.text.contains(key))
            }
            Format::Yaml => yaml_key(&self.text).is_some(),
        }
    }
}

/// Where a YAML document would say that it is OpenAPI: at the start of a line.
fn yaml_key(text: &str) -> Option<usize> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let is_key = ["openapi", "swagger"].iter().any(|key| {
            let rest = line.trim_start_matches(['"', '\'']).strip_prefix(key);
            rest.is_some_and(|rest| rest.trim_start_matches(['"', '\'']).trim_start().starts_with(':'))
        });
        if is_key {
            return Some(start);
        }
        start += line.len();
    }
    None
}

fn fenced_blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (event, range) in Parser::new(text).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) => {
                open = Some(Block {
                    text: String::new(),
                    line: text[..range.start].lines().count() + 1,
                    range,
                    format: Format::Yaml,
                });
            }
            Event::Text(part) => {
                if let Some(block) = &mut open {
                    block.text.push_str(&part);
                }
            }
            Event::End(TagEnd::CodeBlock) => blocks.extend(open.take().map(|mut block| {
                // What is written behind the fence is not to be relied on.
                if block.text.trim_start().starts_with('{') {
                    block.format = Format::Json;
                }
                block
            })),
            _ => {}
        }
    }
    blocks
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
