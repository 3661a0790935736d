#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "scenario/diagnostic.h"

namespace poolbench::scenario {

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
