//! The query of a list: which page, how large, which fields. Pure.

use std::collections::BTreeMap;

use form_urlencoded::Serializer;
use http::Uri;
use serde_json::json;

use super::keys::Detail;

/// What is no filter.
pub(super) const PARAMETERS_OF_EVERY_LIST: [&str; 5] = ["page", "page_size", "fields", "sort_by", "token"];

/// The parameters; of one that is given twice the last counts, as in Django.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Query(BTreeMap<String, String>);

/// A page that is none.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct InvalidPage;

impl Query {
    pub(crate) fn of(uri: &Uri) -> Self {
        let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        Self(pairs.into_owned().collect())
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.0.retain(|name, _| keep(name));
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Which page, from 1.
    pub(crate) fn page(&self) -> Result<u64, InvalidPage> {
        match self.get("page") {
            None => Ok(1),
            Some(text) => text.parse().ok().filter(|page| *page > 0).ok_or(InvalidPage),
        }
    }

    /// How many items a page is to have. Anything but a number above 0 counts as missing.
    pub(crate) fn page_size(&self, default: u64) -> u64 {
        self.get("page_size")
            .and_then(|text| text.parse().ok())
            .filter(|size| *size > 0)
            .unwrap_or(default)
    }

    /// The names of the fields asked for; all of them when empty.
    pub(crate) fn fields(&self) -> Vec<&str> {
        let fields = self.get("fields").unwrap_or_default().split(',').map(str::trim);
        fields.filter(|field| !field.is_empty()).collect()
    }

    /// A whole number, such as a time.
    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, Detail> {
        match self.get(name) {
            None | Some("") => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| wrong(name, "Enter a number.")),
        }
    }

    /// The same query for another page. The token stays out of it.
    pub(super) fn with_page(&self, page: u64) -> String {
        let mut query = Serializer::new(String::new());
        for (name, value) in self.iter().filter(|(name, _)| !matches!(*name, "page" | "token")) {
            query.append_pair(name, value);
        }
        query.append_pair("page", &page.to_string());
        query.finish()
    }
}

/// What is wrong with one parameter.
pub(crate) fn wrong(name: &str, why: &str) -> Detail {
    Detail::from_iter([(name.to_owned(), json!([why]))])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Query {
        Query::of(&format!("/?{text}").parse().unwrap())
    }

    #[test]
    fn pages_are_numbered_from_one() {
        for (text, expected) in [
            ("", Ok(1)),
            ("page=7", Ok(7)),
            ("page=7&page=8", Ok(8)),
            ("page=0", Err(InvalidPage)),
            ("page=-1", Err(InvalidPage)),
            ("page=", Err(InvalidPage)),
            ("page=x", Err(InvalidPage)),
        ] {
            assert_eq!(query(text).page(), expected, "{text}");
        }
    }

    #[test]
    fn a_page_size_that_is_none_is_the_default() {
        for (text, expected) in [
            ("", 50),
            ("page_size=7", 7),
            ("page_size=0", 50),
            ("page_size=-1", 50),
            ("page_size=x", 50),
        ] {
            assert_eq!(query(text).page_size(50), expected, "{text}");
        }
    }

    #[test]
    fn a_link_keeps_the_query_but_for_page_and_token() {
        let query = query("token=secret&page=2&label__in=a%26b,c&fields=id");
        assert_eq!(query.with_page(3), "fields=id&label__in=a%26b%2Cc&page=3");
        assert_eq!(query.fields(), ["id"]);
    }
}
