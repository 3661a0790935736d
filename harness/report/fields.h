#pragma once

#include <concepts>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

// How the members of a JSON object are listed, once for all that goes through them: a struct has a
// function `fields(io, value)` which calls io(Field, member) for each of its members, in the order
// in which they are written. A writer, a reader, the JSON Schema, the tables of the documentation
// and the reasons why something is null follow from that list (json_fields.h, description.h).

namespace poolbench::report {

/// The numbers that a member may hold, both ends included.
struct Range {
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
};
inline constexpr Range kAnyNumber{};
inline constexpr Range kAmount{0};
inline constexpr Range kShare{0, 1};
inline constexpr Range kFromOne{1};

/// Whether a member is there in every object.
enum class Presence {
  kAlways,   ///< since its minor schema; an object without it is wrong
  kMayLack,  ///< it is always written, but an object that somebody wrote may lack it
  kOmitted,  ///< not written where it is empty
};

/// What is known of a member besides its type. Its name ends with its unit.
struct Field {
  std::string_view name;
  std::string_view meaning;  ///< in the words of the documentation; empty: the name says it all
  int since = 0;             ///< the minor schema it came with; before, it may be absent
  Range range = kAnyNumber;
  Presence presence = Presence::kAlways;
  bool not_empty = false;         ///< of a text
  std::string_view pattern = {};  ///< of a text, as a regular expression
  std::size_t most_elements = 0;  ///< of an array; 0: no limit
  /// Whether an object without the member is wrong.
  [[nodiscard]] constexpr bool is_required() const {
    return since == 0 && presence == Presence::kAlways;
  }
};

/// A member that some reports do not have: absent, null (not known) or a value.
template <typename T>
struct Stated {
  bool is_stated = false;
  std::optional<T> value;
  Stated() = default;
  Stated(std::optional<T> known) : is_stated(true), value(std::move(known)) {}
};

/// T or const T: what a list of fields takes, so that it serves writers too.
template <typename T, typename Struct>
concept Of = std::same_as<std::remove_const_t<T>, Struct>;

namespace kinds {
template <typename T>
inline constexpr bool kIsOptional = false;
template <typename T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
template <typename T>
inline constexpr bool kIsStated = false;
template <typename T>
inline constexpr bool kIsStated<Stated<T>> = true;
template <typename T>
inline constexpr bool kIsArray = false;
template <typename T>
inline constexpr bool kIsArray<std::vector<T>> = true;
template <typename T>
inline constexpr bool kIsArray<std::vector<std::pair<std::string, T>>> = false;
/// An object whose names are data.
template <typename T>
inline constexpr bool kIsByName = false;
template <typename T>
inline constexpr bool kIsByName<std::map<std::string, T>> = true;
template <typename T>
inline constexpr bool kIsByName<std::vector<std::pair<std::string, T>>> = true;

struct AnyIo {
  static constexpr bool kWrites = false;
  template <typename T>
  void operator()(const Field&, T&);
};
/// A struct that has a list of fields.
template <typename T>
concept HasFields = std::is_class_v<T> && requires(AnyIo& io, T& value) { fields(io, value); };
}  // namespace kinds

}  // namespace poolbench::report
