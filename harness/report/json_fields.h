#pragma once

#include <utility>

#include "base/json.h"
#include "report/fields.h"
#include "report/json_place.h"

// Reading and writing of what has a list of fields (fields.h).

namespace poolbench::report {

template <typename T>
void read(const JsonPlace& place, T& value);
template <typename T>
base::Json json_of(const T& value);

/// Takes the members out of an object.
class Reader {
 public:
  static constexpr bool kWrites = false;

  /// `says_null`: what is not known is null, never absent.
  explicit Reader(const JsonPlace& place, bool says_null = false)
      : place_(place), says_null_(says_null) {}

  [[nodiscard]] const JsonPlace& place() const { return place_; }

  template <typename T>
  void operator()(const Field& field, T& value) const {
    const JsonPlace member = place_[field.name];
    if constexpr (kinds::kIsOptional<T>) {
      value.reset();
      if (says_null_ && field.is_required() && !member.exists()) member.fail("is missing");
      if (!member.present()) return;
      read_within(field, member, value.emplace());
    } else if constexpr (kinds::kIsStated<T>) {
      value.is_stated = member.exists();
      if (member.present()) read(member, value.value.emplace());
    } else if (field.is_required() || member.present()) {
      read_within(field, member, value);
    }
  }

  /// Members that lie together in an object of their own.
  template <typename List>
  void group(const Field& field, List list) const {
    const JsonPlace member = place_[field.name];
    if (!field.is_required() && !member.present()) return;
    Reader inner(member, says_null_);
    list(inner);
  }

  /// An object of structs, whose names are the member `name` of each.
  template <typename T>
  void by_name(const Field& field, std::vector<T>& values, std::string T::* name) const {
    const JsonPlace member = place_[field.name];
    if (field.presence == Presence::kOmitted && !member.present()) return;
    member.each_member([&](const std::string& key, const JsonPlace& value) {
      T& element = values.emplace_back();
      element.*name = key;
      read(value, element);
    });
  }

 private:
  template <typename T>
  void read_within(const Field& field, const JsonPlace& member, T& value) const {
    if (field.most_elements > 0 && member.json().size() > field.most_elements) {
      return member.fail_many(field.name, field.most_elements);
    }
    if constexpr (kinds::HasFields<T>) {
      Reader inner(member, says_null_);
      read_fields(inner, value);
    } else {
      read(member, value);
    }
    if constexpr (std::is_same_v<T, int>) {
      if (field.range.least >= 1 && value < 0) member.fail("should not be negative");
    }
  }

  const JsonPlace& place_;
  bool says_null_;
};

/// A struct may need more than its fields to be read; then it has an overload of this.
template <typename T>
void read_fields(Reader& reader, T& value) {
  fields(reader, value);
}

template <typename T>
void read(const JsonPlace& place, T& value) {
  if constexpr (kinds::kIsOptional<T>) {
    value.reset();
    if (place.present()) read(place, value.emplace());
  } else if constexpr (kinds::kIsArray<T>) {
    value.clear();
    place.each([&](const JsonPlace& element) { read(element, value.emplace_back()); });
  } else if constexpr (kinds::kIsByName<T>) {
    value.clear();
    place.each_member([&](const std::string& key, const JsonPlace& element) {
      if constexpr (requires { value[key]; }) {
        read(element, value[key]);
      } else {
        auto& added = value.emplace_back();
        added.first = key;
        read(element, added.second);
      }
    });
  } else if constexpr (kinds::HasFields<T>) {
    Reader reader(place);
    read_fields(reader, value);
  } else {
    place.to(value);
  }
}

/// Makes an object of the members.
class Writer {
 public:
  static constexpr bool kWrites = true;

  template <typename T>
  void operator()(const Field& field, const T& value) {
    if constexpr (kinds::kIsStated<T>) {
      if (value.is_stated) put(field.name, json_of(value.value));
    } else {
      if (field.presence == Presence::kOmitted && is_empty(value)) return;
      put(field.name, json_of(value));
    }
  }
  template <typename List>
  void group(const Field& field, List list) {
    Writer inner;
    list(inner);
    put(field.name, inner.take());
  }
  template <typename T>
  void by_name(const Field& field, const std::vector<T>& values, std::string T::* name) {
    if (field.presence == Presence::kOmitted && values.empty()) return;
    base::Json object = base::Json::object();
    for (const T& value : values) object[value.*name] = json_of(value);
    put(field.name, std::move(object));
  }
  void put(std::string_view name, base::Json value) {
    object_[std::string(name)] = std::move(value);
  }
  [[nodiscard]] base::Json take() { return std::move(object_); }

 private:
  template <typename T>
  static bool is_empty(const T& value) {
    if constexpr (kinds::kIsOptional<T>) {
      return !value.has_value();
    } else if constexpr (requires { value.empty(); }) {
      return value.empty();
    } else {
      return false;
    }
  }

  base::Json object_ = base::Json::object();
};

/// A struct may need more than its fields to be written; then it has an overload of this.
template <typename T>
void write_fields(Writer& writer, const T& value) {
  fields(writer, value);
}

template <typename T>
base::Json json_of(const T& value) {
  if constexpr (kinds::kIsOptional<T>) {
    return value ? json_of(*value) : base::Json(nullptr);
  } else if constexpr (AWord<T>) {
    return word_of(value);
  } else if constexpr (kinds::kIsByName<T>) {
    base::Json object = base::Json::object();
    for (const auto& [name, element] : value) object[name] = json_of(element);
    return object;
  } else if constexpr (kinds::kIsArray<T>) {
    base::Json array = base::Json::array();
    for (const auto& element : value) array.push_back(json_of(element));
    return array;
  } else if constexpr (kinds::HasFields<T>) {
    Writer writer;
    write_fields(writer, value);
    return writer.take();
  } else {
    return value;
  }
}

}  // namespace poolbench::report
