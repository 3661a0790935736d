#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

// The way out for text that is not ours: an answer, a log, the name of a file, a word of the
// command line. Whatever shows text to somebody, on a terminal or in a format of its own, takes it
// through here.

namespace poolbench::base {

/// Well-formed UTF-8 without anything that steers a terminal: bytes that are not UTF-8 become
/// U+FFFD; control characters (C0, DEL, C1) and those that turn the direction of writing become
/// spaces, and so do line ends unless kept.
std::string printable(std::string_view text, bool keep_lines = false);

/// A text as far as its first line end: what happened, where the end of a log may follow.
std::string first_line(std::string_view text);

/// JSON text, in one line unless `indent` is given. Never fails: bytes that are not UTF-8 become
/// U+FFFD. What printable() would change is escaped, so that the text can be shown and says the
/// same.
std::string json_dump(const Json& json, int indent = -1);

}  // namespace poolbench::base
