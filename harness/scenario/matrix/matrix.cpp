#include "scenario/matrix/matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

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

/// All combinations of the given values, the last axis varying fastest.
std::vector<Combination> cross_product(const std::vector<Condition>& choices) {
  std::vector<Combination> product{{}};
  for (const Condition& axis : choices) {
    std::vector<Combination> longer;
    longer.reserve(product.size() * axis.values.size());
    for (const Combination& start : product) {
      for (const std::size_t value : axis.values) {
        longer.push_back(start);
        longer.back().push_back({axis.axis, value});
      }
    }
    product = std::move(longer);
  }
  return product;
}

/// How many cross_product would make, but never more than just above the limit.
std::size_t product_size(const std::vector<Condition>& choices) {
  std::size_t size = 1;
  for (const Condition& axis : choices) size = std::min(size * axis.values.size(), kMostCells + 1);
  return size;
}

class MatrixReader {
 public:
  MatrixReader(const Setting& table, Mistakes& mistakes) : table_(table), mistakes_(mistakes) {}

  Matrix read() {
    if (!table_.is_table()) {
      mistakes_.add(table_.place,
                    fmt::format("matrix must be a table, found {}", describe(table_)));
      matrix_.usable = false;
      return std::move(matrix_);
    }
    matrix_.usable = read_axes(table_, matrix_, mistakes_);
    name_axes(matrix_);
    const std::vector<const Setting*> includes = rules("include");
    build_product(includes.empty());
    for (const Setting* rule : rules("exclude")) exclude(*rule);
    include_all(includes);
    if (!refuse_axes_inside_axes(matrix_, mistakes_)) matrix_.usable = false;
    if (matrix_.combinations.empty() && matrix_.usable) {
      mistakes_.add(table_.place, "the matrix has no cell left");
    }
    return std::move(matrix_);
  }

 private:
  std::vector<const Setting*> rules(const std::string& key) {
    std::vector<const Setting*> found;
    const Setting* list = table_.find(key);
    if (list == nullptr) return found;
    for (const Setting& rule : list->items) {
      if (rule.is_table()) found.push_back(&rule);
    }
    if (!list->is_list() || found.size() != list->items.size()) {
      mistakes_.add(
          list->place,
          fmt::format("matrix.{} must be a list of tables, found {}", key, describe(*list)),
          fmt::format("write [[matrix.{}]] above each", key));
    }
    return found;
  }

  bool refuse_too_many(std::size_t cells, const Place& place) {
    if (cells <= kMostCells) return false;
    mistakes_.add(place, fmt::format("the matrix has more than {} cells", kMostCells),
                  "vary less in one scenario");
    matrix_.usable = false;
    return true;
  }

  /// Without axes there is one cell, unless includes say which cells there are.
  void build_product(bool alone) {
    std::vector<Condition> all;
    for (std::size_t axis = 0; axis < matrix_.axes.size(); ++axis) {
      Condition every{axis, {}};
      for (std::size_t i = 0; i < matrix_.axes[axis].values.size(); ++i) every.values.push_back(i);
      all.push_back(std::move(every));
    }
    if (all.empty() && !alone) return;
    if (refuse_too_many(product_size(all), table_.place)) return;
    matrix_.combinations = cross_product(all);
  }

  void exclude(const Setting& rule) {
    if (!matrix_.usable) return;
    const auto selector = read_selector(rule, matrix_, mistakes_);
    if (!selector) return;
    const auto gone = std::erase_if(matrix_.combinations,
                                    [&](const Combination& c) { return matches(*selector, c); });
    if (gone == 0) mistakes_.add(rule.place, "this exclude matches no cell");
  }

  void include_all(const std::vector<const Setting*>& rules) {
    std::vector<std::pair<const Setting*, std::vector<Condition>>> read;
    for (const Setting* rule : rules) {
      if (auto choices = read_include(*rule, matrix_, mistakes_)) {
        read.emplace_back(rule, *std::move(choices));
      } else {
        matrix_.usable = false;
      }
    }
    name_axes(matrix_);
    seen_.insert(matrix_.combinations.begin(), matrix_.combinations.end());
    for (const auto& [rule, choices] : read) include(*rule, choices);
  }

  void include(const Setting& rule, const std::vector<Condition>& choices) {
    const std::size_t size = matrix_.combinations.size() + product_size(choices);
    if (refuse_too_many(size, rule.place)) return;
    for (Combination& combination : cross_product(choices)) {
      if (seen_.insert(combination).second) {
        matrix_.combinations.push_back(std::move(combination));
      } else {
        mistakes_.add(rule.place, fmt::format("the matrix has the cell {} already",
                                              cell_id(matrix_, combination)));
      }
    }
  }

  const Setting& table_;
  Mistakes& mistakes_;
  Matrix matrix_;
  std::set<Combination> seen_;
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

Matrix read_matrix(const Setting* table, Mistakes& mistakes) {
  if (table != nullptr) return MatrixReader(*table, mistakes).read();
  Matrix single;
  single.combinations.emplace_back();
  return single;
}

std::optional<std::size_t> find_axis(const Matrix& matrix, std::string_view name) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < matrix.axes.size(); ++i) {
    const std::string& path = matrix.axes[i].path;
    if (path == name) return i;
    if (!path.ends_with(name) || path[path.size() - name.size() - 1] != '.') continue;
    if (found) return std::nullopt;
    found = i;
  }
  return found;
}

std::string cell_id(const Matrix& matrix, const Combination& combination) {
  if (combination.empty()) return "all";
  std::string id;
  for (const Choice& choice : combination) {
    if (!id.empty()) id += ',';
    id += matrix.axes[choice.axis].name + '=' + value_text(to_json(matrix.value(choice)));
  }
  return id;
}

}  // namespace poolbench::scenario
