#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "scenario/cell_settings.h"
#include "scenario/matrix/matrix.h"

namespace poolbench::scenario {
namespace {

// Values are looked up one by one.
constexpr std::size_t kMostValues = 1000;

bool refuse_count(const Setting& list, const std::string& path, Mistakes& mistakes) {
  if (!list.is_list() || (!list.items.empty() && list.items.size() <= kMostValues)) return false;
  mistakes.add(list.place, list.items.empty()
                               ? fmt::format("axis {} has no values", path)
                               : fmt::format("axis {} has more than {} values", path, kMostValues));
  return true;
}

/// Whether an axis may have this path: "variant", or something inside the tables of a cell.
bool may_vary(const std::string& path) {
  if (path == kVariantAxis) return true;
  const Path parts = split_path(path);
  return parts.size() > 1 &&
         std::ranges::find(cell_tables(), parts.front()) != cell_tables().end() &&
         std::ranges::none_of(parts, [](const std::string& part) { return part.empty(); });
}

void refuse_path(const std::string& path, const Place& place, Mistakes& mistakes) {
  std::vector<std::string> known = cell_tables();
  known.emplace_back(kVariantAxis);
  const std::string first = split_path(path).front();
  const bool right_start = std::ranges::find(known, first) != known.end();
  mistakes.add(place, fmt::format("{} cannot be an axis", in_quotes(path)),
               right_start ? "an axis is one setting, such as \"load.connections\""
                           : suggestion(first, known));
}

bool add_value(MatrixAxis& axis, const Setting& value, Mistakes& mistakes) {
  if (value.is_list()) {
    mistakes.add(value.place, fmt::format("a value of axis {} cannot be a list", axis.path));
    return false;
  }
  if (axis.path == kVariantAxis && !value.is_string()) {
    mistakes.add(
        value.place,
        fmt::format("a value of axis variant must be a variant's name, found {}", describe(value)));
    return false;
  }
  axis.values.push_back(value);
  return true;
}

bool add_axis(const Setting::Member& member, const std::string& path, Matrix& matrix,
              Mistakes& mistakes) {
  if (!may_vary(path)) {
    refuse_path(path, member.key_place, mistakes);
    return false;
  }
  const auto same = [&](const MatrixAxis& axis) { return axis.path == path; };
  if (std::ranges::any_of(matrix.axes, same)) {
    mistakes.add(member.key_place, fmt::format("axis {} is given twice", path));
    return false;
  }
  if (refuse_count(member.value, path, mistakes)) return false;
  MatrixAxis axis{path, path, member.key_place, {}};
  bool good = true;
  for (const Setting& value : member.value.items) {
    if (find_value(axis, to_json(value))) {
      mistakes.add(value.place, fmt::format("axis {} has the value {} twice", path,
                                            in_quotes(value_text(to_json(value)))));
    } else {
      good = add_value(axis, value, mistakes) && good;
    }
  }
  matrix.axes.push_back(std::move(axis));
  return good;
}

bool read_axes_below(const Setting& table, const std::string& prefix, Matrix& matrix,
                     Mistakes& mistakes) {
  bool good = true;
  for (const Setting::Member& member : table.members) {
    if (prefix.empty() && (member.key == "exclude" || member.key == "include")) continue;
    const std::string path = prefix.empty() ? member.key : prefix + "." + member.key;
    if (member.value.is_list()) {
      good = add_axis(member, path, matrix, mistakes) && good;
    } else if (member.value.is_table()) {
      good = read_axes_below(member.value, path, matrix, mistakes) && good;
    } else {
      mistakes.add(
          member.value.place,
          fmt::format("axis {} must be a list of values, found {}", path, describe(member.value)),
          "write [VALUE, VALUE]");
      good = false;
    }
  }
  return good;
}

class IncludeReader {
 public:
  IncludeReader(Matrix& matrix, Mistakes& mistakes) : matrix_(matrix), mistakes_(mistakes) {}

  bool read(const Setting& table, const std::string& prefix) {
    bool good = true;
    for (const Setting::Member& member : table.members) {
      const std::string path = prefix.empty() ? member.key : prefix + "." + member.key;
      const auto known = find_axis(matrix_, path);
      // A quoted key with dots is a whole path, so its value may be a table.
      const bool whole = member.key.find('.') != std::string::npos;
      if (known) {
        good = add(*known, member.value) && good;
      } else if (member.value.is_table() && !whole) {
        good = read(member.value, path) && good;
      } else if (may_vary(path)) {
        matrix_.axes.push_back({path, path, member.key_place, {}});
        good = add(matrix_.axes.size() - 1, member.value) && good;
      } else {
        mistakes_.add(member.key_place, fmt::format("the matrix has no axis {}", in_quotes(path)),
                      suggestion(path, axis_names(matrix_)));
        good = false;
      }
    }
    return good;
  }

  std::vector<Condition> sorted() {
    std::ranges::sort(choices_, {}, &Condition::axis);
    return std::move(choices_);
  }

 private:
  bool add(std::size_t index, const Setting& given) {
    if (std::ranges::find(choices_, index, &Condition::axis) != choices_.end()) {
      mistakes_.add(given.place, fmt::format("axis {} is given twice", matrix_.axes[index].path));
      return false;
    }
    MatrixAxis& axis = matrix_.axes[index];
    if (refuse_count(given, axis.path, mistakes_)) return false;
    Condition choice{index, {}};
    const std::vector<Setting> values = given.is_list() ? given.items : std::vector<Setting>{given};
    for (const Setting& value : values) {
      std::optional<std::size_t> position = find_value(axis, to_json(value));
      if (!position) {
        if (!add_value(axis, value, mistakes_)) return false;
        position = axis.values.size() - 1;
      }
      choice.values.push_back(*position);
    }
    choices_.push_back(std::move(choice));
    return true;
  }

  Matrix& matrix_;
  Mistakes& mistakes_;
  std::vector<Condition> choices_;
};

}  // namespace

bool read_axes(const Setting& table, Matrix& matrix, Mistakes& mistakes) {
  return read_axes_below(table, "", matrix, mistakes);
}

std::optional<std::vector<Condition>> read_include(const Setting& rule, Matrix& matrix,
                                                   Mistakes& mistakes) {
  if (rule.members.empty()) {
    mistakes.add(rule.place, "this include names no axis");
    return std::nullopt;
  }
  IncludeReader reader(matrix, mistakes);
  if (!reader.read(rule, "")) return std::nullopt;
  return reader.sorted();
}

void name_axes(Matrix& matrix) {
  for (MatrixAxis& axis : matrix.axes) {
    axis.name = axis.path;
    for (std::size_t dot = axis.path.rfind('.'); dot != std::string::npos;
         dot = dot == 0 ? std::string::npos : axis.path.rfind('.', dot - 1)) {
      const std::string suffix = axis.path.substr(dot + 1);
      const auto ends_so = [&](const MatrixAxis& other) {
        return &other != &axis && (other.path == suffix || other.path.ends_with("." + suffix));
      };
      if (std::ranges::any_of(matrix.axes, ends_so)) continue;
      axis.name = suffix;
      break;
    }
  }
}

bool refuse_axes_inside_axes(const Matrix& matrix, Mistakes& mistakes) {
  bool good = true;
  for (const MatrixAxis& inner : matrix.axes) {
    for (const MatrixAxis& outer : matrix.axes) {
      if (!inner.path.starts_with(outer.path + ".")) continue;
      mistakes.add(inner.place, fmt::format("axis {} lies inside axis {}", inner.path, outer.path),
                   "vary one of them");
      good = false;
    }
  }
  return good;
}

}  // namespace poolbench::scenario
