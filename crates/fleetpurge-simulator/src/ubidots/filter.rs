//! Filters `<attribute>__<operation>=<value>`, as django-filter reads them. Pure.
//!
//! Like the service, it ignores a filter that it does not know, without an error: a filter that is misspelt, or has no
//! value, lists every device.

use std::cmp::Ordering;

use super::date::{day_of, parse_day};
use super::device::UbidotsDevice;
use super::keys::Detail;
use super::query::{Query, wrong};

/// Whether a device passes.
pub(crate) type Filter = Box<dyn Fn(&UbidotsDevice) -> bool + Send>;

/// The filters of a query; an error tells which value is of the wrong kind.
pub(crate) fn filters(query: &Query) -> Result<Vec<Filter>, Detail> {
    let mut filters: Vec<Filter> = Vec::new();
    for (name, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
        let (plain, negated) = name.strip_suffix('!').map_or((name, false), |plain| (plain, true));
        match filter(plain, value) {
            Ok(None) => {}
            Ok(Some(filter)) if negated => filters.push(Box::new(move |device| !filter(device))),
            Ok(Some(filter)) => filters.push(filter),
            Err(why) => return Err(wrong(name, why)),
        }
    }
    Ok(filters)
}

/// One filter; `None` where there is none of this name.
fn filter(name: &str, value: &str) -> Result<Option<Filter>, &'static str> {
    if name == "search" {
        let wanted = value.to_lowercase();
        let holds = move |text: &str| text.to_lowercase().contains(&wanted);
        return Ok(Some(Box::new(move |device| {
            holds(&device.label) || holds(&device.name)
        })));
    }
    let (attribute, operation) = name.split_once("__").unwrap_or((name, "exact"));
    Ok(match attribute {
        "id" => text(operation, value).map(|matches| by(matches, |device| &device.id)),
        "label" => text(operation, value).map(|matches| by(matches, |device| &device.label)),
        "name" => text(operation, value).map(|matches| by(matches, |device| &device.name)),
        "lastActivity" => number(operation, value, |device| device.last_activity)?,
        "variablesCount" => number(operation, value, |device| i64::try_from(device.variables.len()).ok())?,
        "createdAt" => created(operation, value)?,
        "tags" => tags(operation, value),
        "isActive" if operation == "exact" => {
            boolean(value).map(|wanted| -> Filter { Box::new(move |device| device.is_active == wanted) })
        }
        _ => None,
    })
}

type Matches = Box<dyn Fn(&str) -> bool + Send>;

fn by(matches: Matches, attribute: fn(&UbidotsDevice) -> &str) -> Filter {
    Box::new(move |device| matches(attribute(device)))
}

fn text(operation: &str, value: &str) -> Option<Matches> {
    let wanted = value.to_owned();
    let lower = value.to_lowercase();
    Some(match operation {
        "exact" => Box::new(move |text| text == wanted),
        "contains" => Box::new(move |text| text.contains(&wanted)),
        "startswith" => Box::new(move |text| text.starts_with(&wanted)),
        "endswith" => Box::new(move |text| text.ends_with(&wanted)),
        "iexact" => Box::new(move |text| text.to_lowercase() == lower),
        "icontains" => Box::new(move |text| text.to_lowercase().contains(&lower)),
        "istartswith" => Box::new(move |text| text.to_lowercase().starts_with(&lower)),
        "iendswith" => Box::new(move |text| text.to_lowercase().ends_with(&lower)),
        "in" => {
            let any = list(value);
            Box::new(move |text| any.iter().any(|one| one == text))
        }
        "isnull" => {
            let null = boolean(value)?;
            Box::new(move |_| !null)
        }
        _ => return None,
    })
}

fn number(
    operation: &str,
    value: &str,
    attribute: fn(&UbidotsDevice) -> Option<i64>,
) -> Result<Option<Filter>, &'static str> {
    const NONE: &str = "Enter a number.";
    if operation == "isnull" {
        return Ok(boolean(value).map(|null| -> Filter { Box::new(move |device| attribute(device).is_none() == null) }));
    }
    if operation == "range" {
        let (first, last) = value.split_once(',').ok_or("Range query expects two values.")?;
        let bounds = (first.trim().parse::<i64>(), last.trim().parse::<i64>());
        let (Ok(first), Ok(last)) = bounds else {
            return Err(NONE);
        };
        return Ok(Some(Box::new(move |device| {
            attribute(device).is_some_and(|number| (first..=last).contains(&number))
        })));
    }
    let Some(holds) = comparison(operation) else {
        return Ok(None);
    };
    let wanted: i64 = value.trim().parse().map_err(|_| NONE)?;
    // As in SQL, nothing compares with what is not there.
    Ok(Some(Box::new(move |device| {
        attribute(device).is_some_and(|number| holds(number.cmp(&wanted)))
    })))
}

/// `createdAt__date` and `createdAt__date__lt` and the like.
fn created(operation: &str, value: &str) -> Result<Option<Filter>, &'static str> {
    let Some(rest) = operation.strip_prefix("date") else {
        return Ok(None);
    };
    let operation = if rest.is_empty() {
        Some("exact")
    } else {
        rest.strip_prefix("__")
    };
    let Some(holds) = operation.and_then(comparison) else {
        return Ok(None);
    };
    let wanted = parse_day(value).ok_or("Enter a valid date.")?;
    Ok(Some(Box::new(move |device| {
        holds(day_of(device.created_at).cmp(&wanted))
    })))
}

fn comparison(operation: &str) -> Option<fn(Ordering) -> bool> {
    Some(match operation {
        "exact" => Ordering::is_eq,
        "lt" => Ordering::is_lt,
        "lte" => Ordering::is_le,
        "gt" => Ordering::is_gt,
        "gte" => Ordering::is_ge,
        _ => return None,
    })
}

fn tags(operation: &str, value: &str) -> Option<Filter> {
    let wanted = list(value);
    Some(match operation {
        "exact" => Box::new(move |device| device.tags == wanted),
        "contains" => Box::new(move |device| wanted.iter().all(|tag| device.tags.contains(tag))),
        "contained_by" => Box::new(move |device| device.tags.iter().all(|tag| wanted.contains(tag))),
        "overlap" => Box::new(move |device| wanted.iter().any(|tag| device.tags.contains(tag))),
        _ => return None,
    })
}

fn list(value: &str) -> Vec<String> {
    value.split(',').map(|one| one.trim().to_owned()).collect()
}

/// What is neither is as if nothing had been said.
fn boolean(value: &str) -> Option<bool> {
    match &*value.to_lowercase() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(query: &str, device: &UbidotsDevice) -> Result<bool, Detail> {
        let query = Query::of(&format!("/?{query}").parse().unwrap());
        Ok(filters(&query)?.iter().all(|filter| filter(device)))
    }

    #[test]
    fn a_filter_lets_through_what_it_says() {
        let device = UbidotsDevice::new("6e309da44fc8455a9cceb5aa", "Temp-1")
            .name("Pump House")
            .tag("a")
            .tag("b")
            .last_activity(1000)
            .created_at(1_589_977_800_250);
        for (query, expected) in [
            ("id=6e309da44fc8455a9cceb5aa", true),
            ("id=6e309da44fc8455a9cceb5ab", false),
            ("id__in=x,6e309da44fc8455a9cceb5aa", true),
            ("id__in=x,y", false),
            ("label=Temp-1", true),
            ("label=temp-1", false),
            ("label!=Temp-1", false),
            ("label__iexact=temp-1", true),
            ("label__startswith=Temp", true),
            ("label__startswith=temp", false),
            ("label__istartswith=temp", true),
            ("label__endswith=-1", true),
            ("label__iendswith=P-1", true),
            ("label__contains=emp", true),
            ("label__contains=EMP", false),
            ("label__icontains=EMP", true),
            ("label__in=a,Temp-1", true),
            ("label__isnull=true", false),
            ("name__icontains=house", true),
            ("name=Temp-1", false),
            ("search=pump", true),
            ("search=TEMP", true),
            ("search=valve", false),
            ("tags__contains=b,a", true),
            ("tags__contains=a,c", false),
            ("tags__overlap=a,c", true),
            ("tags__contained_by=a,c", false),
            ("tags=a,b", true),
            ("lastActivity__lt=1001", true),
            ("lastActivity__lt=1000", false),
            ("lastActivity__lte=1000", true),
            ("lastActivity__gt=1000", false),
            ("lastActivity__gte=1000", true),
            ("lastActivity__range=1,1000", true),
            ("lastActivity__isnull=true", false),
            ("lastActivity__isnull=False", true),
            ("variablesCount=0", true),
            ("createdAt__date=2020-05-20", true),
            ("createdAt__date__lt=2020-05-20", false),
            ("createdAt__date__lte=2020-05-20", true),
            ("createdAt__date__gt=2020-05-19", true),
            ("isActive=true", true),
            ("isActive=false", false),
            ("label=Temp-1&name=x", false),
        ] {
            assert_eq!(passes(query, &device), Ok(expected), "{query}");
        }
    }

    #[test]
    fn what_is_no_filter_is_ignored() {
        let device = UbidotsDevice::new("6e309da44fc8455a9cceb5aa", "x");
        for query in [
            "lable__startswith=y",
            "label__startwith=y",
            "lastActivity__before=1",
            "last_activity__lt=1",
            "createdAt__lt=2000-01-01",
            "isActive=maybe",
            "label=",
            "id__in=",
            "weather=fine",
        ] {
            assert_eq!(passes(query, &device), Ok(true), "{query}");
        }
    }

    #[test]
    fn a_device_that_never_sent_data_is_neither_before_nor_after() {
        let device = UbidotsDevice::new("6e309da44fc8455a9cceb5aa", "x");
        for (query, expected) in [
            ("lastActivity__lt=9999999999999", false),
            ("lastActivity__gte=0", false),
            ("lastActivity__isnull=true", true),
        ] {
            assert_eq!(passes(query, &device), Ok(expected), "{query}");
        }
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_told() {
        let device = UbidotsDevice::new("6e309da44fc8455a9cceb5aa", "x");
        for query in [
            "lastActivity__lt=soon",
            "createdAt__date__lt=1.5.2020",
            "lastActivity__range=1",
        ] {
            assert!(passes(query, &device).is_err(), "{query}");
        }
    }
}
