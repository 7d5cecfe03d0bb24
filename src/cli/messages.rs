//! The messages about the command line.

use std::fmt::Display;

use crate::base::diagnostics::messages;

messages! {
    U001 unknown_command(command: impl Display) "unknown command {command}";
    U002 unknown_option(option: impl Display) "unknown option {option}";
    U003 unexpected_argument(argument: impl Display) "unexpected argument {argument}";
    U004 value_required(option: impl Display) "{option} requires a value";
    U005 not_a_value(value: impl Display, option: impl Display)
        "{value} is not a valid value for {option}";
    U006 missing_argument(argument: impl Display) "{argument} is missing";
    U007 missing_arguments(arguments: impl Display) "{arguments} are missing";
    U008 repeated_argument(argument: impl Display)
        "{argument} is repeated" / "specify it only once";
    U009 conflicting_arguments(argument: impl Display, other: impl Display)
        "{argument} cannot be used with {other}" / "leave one of them out";
    U010 unusable_command_line(words: impl Display) "{words}";

    U020 no_such_file(what: &str, path: impl Display) "the {what} {path} does not exist";
    U021 folder_instead_of_file(path: impl Display, hint: impl Display)
        "{path} is a folder" / "{hint}";
    U022 file_too_large(what: &str, path: impl Display, limit: usize)
        "the {what} {path} is larger than {limit} bytes" / "check that this is the right file";
    U023 file_not_utf8(what: &str, path: impl Display, byte: usize)
        "the {what} {path} is not valid UTF-8 (byte {byte})" / "save it as UTF-8 text";
    U024 file_exists(path: impl Display, hint: &str) "{path} already exists" / "{hint}";
    U025 no_such_folder(path: impl Display)
        "the folder {path} does not exist" / "create it first";

    U030 errors_names_input(option: &str, path: impl Display)
        "`{option}` names {path}, which this command reads or writes"
        / "name another file for the list";
    U031 errors_in_run_folder(option: &str, folder: impl Display)
        "`{option}` names a file in {folder}, the run folder"
        / "name a file in another folder for the list";
    U032 errors_is_symbolic_link(option: &str, path: impl Display)
        "`{option}` names {path}, a symbolic link" / "name the file itself";
    U033 errors_is_another_file(option: &str, path: impl Display)
        "`{option}` names {path}, which exists and is not a list of errors"
        / "name another file for the list";

    U040 sheet_of_no_workbook(sheet: impl Display)
        "`--sheet` asks for the sheet {sheet}, but none of the files is a workbook (`.xlsx`)"
        / "leave it out; CSV files have no sheets";
    U041 standard_input_repeated()
        "`-` is repeated" / "standard input can be read only once";
    U042 claims_repeated(files: impl Display)
        "{files}" / "specify each claims file only once; otherwise, its rows would count twice";
    U043 claims_in_run_folder(path: impl Display, folder: impl Display)
        "the claims file {path} is in {folder}, the run folder"
        / "choose another `--out`; a run replaces the whole folder";

    U050 no_layout(name: impl Display) "no built-in layout is named {name}";
    U051 no_template(name: impl Display) "no template is named {name}";
    U052 set_twice(option: &str, name: impl Display)
        "`{option}` sets {name} twice" / "specify it only once";
    U054 no_file_for_sample_trades()
        "the plan has [trades], so a sample consists of claims and trades"
        / "add `--trades FILE`, the file of trades to write";
    U053 no_help_topic(topic: impl Display) "{topic} is neither a command nor the code of an error";
}
