//! The rooms of the code: each uses only those before it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// From the lowest to the highest.
const ROOMS: [&str; 9] = [
    "base",
    "plan",
    "claims",
    "allocate",
    "run",
    "audit",
    "export",
    "reconcile",
    "cli",
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

/// The paths below `crate::` that the code of a file names, without its unit tests;
/// lists in braces are written out.
fn imports(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let code: String = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let mut paths = Vec::new();
    for rest in code.split("crate::").skip(1) {
        let is_of_path = |letter: char| letter.is_alphanumeric() || "_:".contains(letter);
        let path: &str = rest.split(|letter| !is_of_path(letter)).next().unwrap();
        match rest[path.len()..].strip_prefix('{') {
            None => paths.push(path.to_owned()),
            Some(list) => {
                let list = list.split('}').next().unwrap();
                let names = list.split(',').map(str::trim);
                paths.extend(names.map(|name| format!("{path}{name}")));
            }
        }
    }
    paths
}

/// File by file, the files that it imports.
fn arrows() -> BTreeMap<String, BTreeSet<String>> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&source, &mut files);
    let module = |file: &PathBuf| {
        let within = file.strip_prefix(&source).unwrap().with_extension("");
        within.to_str().unwrap().replace('/', "::")
    };
    let modules: BTreeSet<String> = files.iter().map(module).collect();
    let file_of = |path: &str| {
        let parts: Vec<&str> = path.split("::").collect();
        let mut ways = (1..=parts.len())
            .rev()
            .map(|count| parts[..count].join("::"));
        ways.find(|way| modules.contains(way))
    };
    let imported = |file: &PathBuf| {
        let text = fs::read_to_string(file).unwrap();
        imports(&text)
            .iter()
            .filter_map(|path| file_of(path))
            .collect()
    };
    files
        .iter()
        .map(|file| (module(file), imported(file)))
        .collect()
}

#[test]
fn no_room_uses_a_later_one() {
    let place = |module: &str| {
        let room = module.split("::").next().unwrap();
        ROOMS.iter().position(|known| *known == room)
    };
    let mut up = Vec::new();
    for (from, imported) in arrows() {
        let Some(own) = place(&from) else {
            assert!(matches!(&*from, "lib" | "main"), "{from} is in no room");
            continue;
        };
        for to in imported {
            let other = place(&to).unwrap_or_else(|| panic!("{to} is in no room"));
            if other > own {
                up.push(format!("{from} uses {to}"));
            }
        }
    }
    assert!(up.is_empty(), "a room uses a later one: {up:#?}");
}

/// A module and the modules inside it are one unit; otherwise a file that uses
/// another is not used by it, however long the way back.
#[test]
fn no_files_use_each_other() {
    let arrows = arrows();
    let inside = |one: &str, other: &str| one.starts_with(&format!("{other}::"));
    let next = |from: &str| -> Vec<&String> {
        let imported = arrows.get(from).unwrap().iter();
        imported
            .filter(|to| *to != from && !inside(to, from) && !inside(from, to))
            .collect()
    };
    let mut circles = Vec::new();
    for start in arrows.keys() {
        let mut reached: BTreeMap<&String, &String> = BTreeMap::new();
        let mut waiting = vec![start];
        while let Some(from) = waiting.pop() {
            for to in next(from) {
                if !reached.contains_key(to) {
                    reached.insert(to, from);
                    waiting.push(to);
                }
            }
        }
        if reached.contains_key(start) {
            circles.push(format!("{start}, used by {}", reached[start]));
        }
    }
    assert!(circles.is_empty(), "files use each other: {circles:#?}");
}
