#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace poolbench::scenario {

/// One mistake in a scenario or target file.
struct Diagnostic {
  std::string file;  ///< as the user named it; "--set" or "--only" for the command line
  int line = 0;      ///< 1-based; 0: no place in a file
  int column = 0;
  std::string message;      ///< what is wrong, with the offending text
  std::string next;         ///< what to do: the nearest known name, the right form; may be empty
  std::string source_line;  ///< that line of the file, or the words of the command line
};

/// "file:line:column: message\n    offending source line\n    ^\n  next: …\n" for each, in the
/// given order.
std::string to_text(const std::vector<Diagnostic>& diagnostics);

/// "2 mistakes in a.toml, 1 mistake in b/target.toml": how many there are in each file.
std::string count_text(const std::vector<Diagnostic>& diagnostics);

/// A text that settings come from: a file, or the words after --set or --only.
struct Source {
  std::string name;  ///< as the user named it; "--set" or "--only"
  std::string text;
  bool command_line = false;
};

/// Where a setting stands. On the command line `line` and `column` are 0.
struct Place {
  std::shared_ptr<const Source> source;
  int line = 0;    ///< 1-based
  int column = 0;  ///< 1-based, in characters
};

/// That line of the text, without its end; of the command line all its words.
std::string line_of(const Place& place);

/// Collects mistakes. One that many cells repeat (same place, same message) is kept once.
class Mistakes {
 public:
  void add(const Place& place, std::string message, std::string next = {});
  [[nodiscard]] bool empty() const { return found_.empty(); }
  [[nodiscard]] std::size_t count() const { return found_.size(); }
  /// By file, then by place.
  [[nodiscard]] std::vector<Diagnostic> in_order() const;

 private:
  std::vector<Diagnostic> found_;
  std::set<std::tuple<std::string, int, int, std::string>> seen_;
};

/// The text in double quotes, control characters escaped, cut off when it is very long: how
/// messages show what somebody wrote.
std::string in_quotes(std::string_view text);

/// "did you mean "x"?" if a known name is near, else "known: a, b, c" (empty if nothing is known).
std::string suggestion(std::string_view word, const std::vector<std::string>& known);

}  // namespace poolbench::scenario
