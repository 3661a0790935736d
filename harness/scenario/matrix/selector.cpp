#include "scenario/matrix/selector.h"

#include <fmt/format.h>

#include <algorithm>

#include "scenario/toml/reader.h"

namespace poolbench::scenario {
namespace {

/// A string in quotes, all else as it is written.
std::string in_words(const base::Json& value) {
  return value.is_string() ? in_quotes(value_text(value)) : value_text(value);
}

class SelectorReader {
 public:
  SelectorReader(const Matrix& matrix, Mistakes& mistakes) : matrix_(matrix), mistakes_(mistakes) {}

  void read(const Setting& table, const std::string& prefix) {
    for (const Setting::Member& member : table.members) {
      const std::string name = prefix.empty() ? member.key : prefix + "." + member.key;
      if (const auto axis = find_axis(matrix_, name)) {
        add(*axis, member.value);
      } else if (member.value.is_table() && !member.value.members.empty()) {
        read(member.value, name);
      } else {
        good_ = false;
        mistakes_.add(member.key_place, fmt::format("the matrix has no axis {}", in_quotes(name)),
                      suggestion(name, axis_names(matrix_)));
      }
    }
  }

  [[nodiscard]] std::optional<Selector> result() const {
    return good_ ? std::optional(selector_) : std::nullopt;
  }

 private:
  void add(std::size_t axis, const Setting& wanted) {
    Condition condition{axis, {}};
    if (wanted.is_list()) {
      for (const Setting& value : wanted.items) add_value(condition, value);
    } else {
      add_value(condition, wanted);
    }
    selector_.push_back(std::move(condition));
  }

  void add_value(Condition& condition, const Setting& wanted) {
    const MatrixAxis& axis = matrix_.axes[condition.axis];
    const base::Json json = to_json(wanted);
    if (const auto position = find_value(axis, json)) {
      condition.values.push_back(*position);
      return;
    }
    good_ = false;
    mistakes_.add(wanted.place, fmt::format("axis {} has no value {}", axis.name, in_words(json)),
                  suggestion(value_text(json), value_texts(axis)));
  }

  const Matrix& matrix_;
  Mistakes& mistakes_;
  Selector selector_;
  bool good_ = true;
};

}  // namespace

std::optional<Selector> read_selector(const Setting& table, const Matrix& matrix,
                                      Mistakes& mistakes) {
  if (!table.is_table() || table.members.empty()) {
    mistakes.add(
        table.place,
        fmt::format("a selector must be a table that names an axis and its value, found {}",
                    table.is_table() ? "an empty table" : describe(table)),
        "write { AXIS = VALUE }");
    return std::nullopt;
  }
  SelectorReader reader(matrix, mistakes);
  reader.read(table, "");
  return reader.result();
}

bool matches(const Selector& selector, const Combination& combination) {
  return std::ranges::all_of(selector, [&](const Condition& condition) {
    const auto choice = std::ranges::find(combination, condition.axis, &Choice::axis);
    return choice != combination.end() &&
           std::ranges::find(condition.values, choice->value) != condition.values.end();
  });
}

bool names_axis(const Selector& selector, std::size_t axis) {
  return std::ranges::find(selector, axis, &Condition::axis) != selector.end();
}

std::optional<std::size_t> find_value(const MatrixAxis& axis, const base::Json& value) {
  for (std::size_t i = 0; i < axis.values.size(); ++i) {
    if (same_value(to_json(axis.values[i]), value)) return i;
  }
  return std::nullopt;
}

std::vector<std::string> value_texts(const MatrixAxis& axis) {
  std::vector<std::string> texts;
  texts.reserve(axis.values.size());
  for (const Setting& value : axis.values) texts.push_back(value_text(to_json(value)));
  return texts;
}

std::vector<std::string> axis_names(const Matrix& matrix) {
  std::vector<std::string> names;
  names.reserve(matrix.axes.size());
  for (const MatrixAxis& axis : matrix.axes) names.push_back(axis.name);
  return names;
}

}  // namespace poolbench::scenario
