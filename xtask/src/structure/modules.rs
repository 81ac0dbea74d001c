//! The modules of one target: the items, the imports and the paths of each.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::Context;
use quote::ToTokens;
use syn::{Attribute, Expr, Item, ItemMod, Lit, Meta, UseTree};

/// A path as segments, such as `crate`, `error`, `Error`.
pub(super) type Segments = Vec<String>;

/// A module: a file, or a part of one.
pub(super) struct Module {
    pub(super) file: PathBuf,
    pub(super) parent: Option<usize>,
    pub(super) children: HashMap<String, usize>,
    /// What is defined here by name, apart from modules.
    pub(super) items: HashSet<String>,
    /// What `use` brings in, by the name that it has here.
    pub(super) imports: HashMap<String, Segments>,
    /// The modules of `use module::*`.
    pub(super) globs: Vec<Segments>,
    /// Every path of two segments or more, wherever it stands: also in bodies and in the arguments of macros.
    pub(super) paths: HashSet<Segments>,
}

/// Reads a target from its root file. The first module is the root.
///
/// # Errors
///
/// A file cannot be read or is not Rust, or a `mod name;` has no file.
pub(super) fn read(root: &Path) -> anyhow::Result<Vec<Module>> {
    let mut modules = Vec::new();
    let folder = root.parent().context("a source file lies in a folder")?;
    read_file(root, folder, None, &mut modules)?;
    Ok(modules)
}

/// `folder` is where the files of the child modules are.
fn read_file(file: &Path, folder: &Path, parent: Option<usize>, modules: &mut Vec<Module>) -> anyhow::Result<usize> {
    let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let parsed = syn::parse_file(&text).with_context(|| format!("{} is not Rust", file.display()))?;
    read_items(file, folder, &parsed.items, parent, modules)
}

fn read_items(
    file: &Path,
    folder: &Path,
    items: &[Item],
    parent: Option<usize>,
    modules: &mut Vec<Module>,
) -> anyhow::Result<usize> {
    let here = modules.len();
    modules.push(Module {
        file: file.to_owned(),
        parent,
        children: HashMap::new(),
        items: HashSet::new(),
        imports: HashMap::new(),
        globs: Vec::new(),
        paths: HashSet::new(),
    });
    for item in items {
        match item {
            Item::Mod(module) => {
                let child = read_child(file, folder, module, here, modules)?;
                modules[here].children.insert(module.ident.to_string(), child);
            }
            Item::Use(import) => add_import(&mut modules[here], Vec::new(), &import.tree),
            other => {
                modules[here].items.extend(name_of(other));
                add_paths(other.to_token_stream(), &[], &mut modules[here].paths);
            }
        }
    }
    Ok(here)
}

fn read_child(
    file: &Path,
    folder: &Path,
    module: &ItemMod,
    parent: usize,
    modules: &mut Vec<Module>,
) -> anyhow::Result<usize> {
    let name = module.ident.to_string();
    let own_folder = folder.join(&name);
    if let Some((_, items)) = &module.content {
        return read_items(file, &own_folder, items, Some(parent), modules);
    }
    if let Some(path) = path_attribute(&module.attrs) {
        let path = without_dots(&file.parent().unwrap_or(folder).join(path));
        let folder = path.parent().unwrap_or(folder).to_owned();
        return read_file(&path, &folder, Some(parent), modules);
    }
    let flat = folder.join(format!("{name}.rs"));
    let path = if flat.is_file() {
        flat
    } else {
        own_folder.join("mod.rs")
    };
    read_file(&path, &own_folder, Some(parent), modules).with_context(|| format!("`mod {name};` in {}", file.display()))
}

/// One file has one name, also if `#[path]` leads to it through `..`.
fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
    }
    plain
}

fn path_attribute(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    })
}

fn name_of(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::TraitAlias(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}

fn add_import(module: &mut Module, mut path: Segments, tree: &UseTree) {
    let mut import = |name: String, path: Segments| {
        module.paths.insert(path.clone());
        // `use name;` alone brings in a crate.
        if path.len() > 1 {
            module.imports.insert(name, path);
        }
    };
    match tree {
        UseTree::Path(tree) => {
            path.push(tree.ident.to_string());
            add_import(module, path, &tree.tree);
        }
        UseTree::Group(group) => {
            for tree in &group.items {
                add_import(module, path.clone(), tree);
            }
        }
        UseTree::Glob(_) => {
            module.paths.insert(path.clone());
            module.globs.push(path);
        }
        UseTree::Name(tree) if tree.ident == "self" => {
            let name = path.last().cloned().unwrap_or_default();
            import(name, path);
        }
        UseTree::Name(tree) => {
            path.push(tree.ident.to_string());
            import(tree.ident.to_string(), path);
        }
        UseTree::Rename(tree) => {
            if tree.ident != "self" {
                path.push(tree.ident.to_string());
            }
            import(tree.rename.to_string(), path);
        }
    }
}

/// Adds every `a::b::c` of the tokens, with `prefix` before it. `a::{b, c}` is `a::b` and `a::c`.
fn add_paths(tokens: impl ToTokens, prefix: &[String], paths: &mut HashSet<Segments>) {
    use proc_macro2::TokenTree;

    let mut tokens = tokens.into_token_stream().into_iter().peekable();
    let mut path = Segments::new();
    // How many colons have come since the last segment of the path.
    let mut colons = 0;
    loop {
        let token = tokens.next();
        match &token {
            Some(TokenTree::Punct(punct)) if punct.as_char() == ':' && !path.is_empty() && colons < 2 => {
                colons += 1;
                continue;
            }
            Some(TokenTree::Ident(ident)) if colons == 2 => {
                path.push(ident.to_string());
                colons = 0;
                continue;
            }
            _ => {}
        }
        let group_of_path = colons == 2 && matches!(&token, Some(TokenTree::Group(_)));
        let whole: Segments = prefix.iter().chain(&path).cloned().collect();
        if whole.len() > 1 && !group_of_path {
            paths.insert(whole.clone());
        }
        path.clear();
        colons = 0;
        match token {
            None => return,
            Some(TokenTree::Ident(ident)) => path.push(ident.to_string()),
            Some(TokenTree::Group(group)) => {
                let prefix = if group_of_path { whole.as_slice() } else { &[] };
                add_paths(group.stream(), prefix, paths);
            }
            Some(_) => {}
        }
    }
}
