//! The rooms of the code: each uses only those below it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// From the lowest to the highest.
const ROOMS: [&str; 8] = [
    "base", "plan", "claims", "allocate", "run", "audit", "export", "cli",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The rooms that a text names.
fn named(text: &str) -> impl Iterator<Item = &str> {
    let after = text.split("crate::").skip(1);
    let name = |rest: &'_ str| rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
    after.filter_map(move |rest| rest.get(..name(rest)?))
}

#[test]
fn no_room_uses_one_above_it() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&source, &mut files);
    let place = |room: &str| ROOMS.iter().position(|known| *known == room);
    // Who uses whom, by rooms.
    let mut up: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for file in files {
        let within = file.strip_prefix(&source).unwrap();
        let first = within.iter().next().unwrap().to_str().unwrap();
        let room = first.trim_end_matches(".rs");
        let Some(own) = place(room) else {
            assert!(matches!(room, "lib" | "main"), "{room} is no room");
            continue;
        };
        let text = fs::read_to_string(&file).unwrap();
        for other in named(&text) {
            let other_place = place(other).unwrap_or_else(|| panic!("{other} is no room"));
            if other_place > own {
                let arrow = (room.to_owned(), other.to_owned());
                up.entry(arrow)
                    .or_default()
                    .push(within.display().to_string());
            }
        }
    }
    assert!(up.is_empty(), "a room uses one above it: {up:#?}");
}
