#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/text.h"
#include "report/words.h"

namespace poolbench::report {

/// A value within a JSON document that knows its path, for reading documents that somebody else
/// may have written. Nothing throws: the first mistake is kept in the failure of the document, and
/// from then on everything reads as nothing, so that a reader is a plain list of fields:
///
///     std::optional<base::Error> failure;
///     const JsonPlace root(document, failure);
///     root["block"].to(trial.block);          // must be there and be an integer
///     root["p99"].to(quantiles.p99);          // optional: null or absent is nullopt
///     if (failure) return tl::unexpected(*failure);
///
/// A place refers to its document and to the place it was reached from; keep both alive.
class JsonPlace {
 public:
  JsonPlace(const base::Json& document, std::optional<base::Error>& failure);

  /// The member, which may be absent; a mistake if this is not an object.
  [[nodiscard]] JsonPlace operator[](std::string_view key) const;
  /// True if there is a value, be it null.
  [[nodiscard]] bool exists() const { return value_ != nullptr; }
  /// True if there is a value other than null.
  [[nodiscard]] bool present() const;
  /// The value itself; null if absent.
  [[nodiscard]] const base::Json& json() const;
  /// "cells[0].trials[3].block"; "the document" for the root.
  [[nodiscard]] std::string path() const;
  /// Records that this place is wrong, unless a mistake is recorded already.
  void fail(const std::string& problem) const;
  /// The same for an array with more elements, called so, than any report has.
  void fail_many(std::string_view elements, std::size_t most) const;

  void to(std::string& out) const;
  void to(bool& out) const;
  void to(int& out) const;
  void to(std::int64_t& out) const;
  void to(std::uint64_t& out) const;
  void to(double& out) const;
  void to(base::Json& out) const;  ///< any value; null if absent

  template <AWord Word>
  void to(Word& out) const {
    if (value_ == nullptr || !value_->is_string()) return fail_type("a string");
    const auto& text = value_->get_ref<const std::string&>();
    if (const auto word = word_from<Word>(text)) {
      out = *word;
    } else {
      fail("should be " + words_text<Word>() + ", but is \"" + base::printable(text) + "\"");
    }
  }
  template <typename T>
  void to(std::optional<T>& out) const {
    out.reset();
    if (present()) to(out.emplace());
  }
  template <typename T>
  void to(std::vector<T>& out) const {
    out.clear();
    each([&out](const JsonPlace& element) { element.to(out.emplace_back()); });
  }
  template <typename T>
  void to(std::map<std::string, T>& out) const {
    out.clear();
    each_member([&out](const std::string& key, const JsonPlace& value) { value.to(out[key]); });
  }
  template <typename T>
  void to(std::vector<std::pair<std::string, T>>& out) const {
    out.clear();
    each_member([&out](const std::string& key, const JsonPlace& value) {
      value.to(out.emplace_back(key, T{}).second);
    });
  }

  /// Calls `visit(place)` for each element; a mistake if this is not an array.
  template <typename Visit>
  void each(Visit visit) const {
    if (!expect(base::Json::value_t::array)) return;
    std::size_t index = 0;
    for (const auto& element : *value_) visit(JsonPlace(&element, this, {}, index++));
  }
  /// Calls `visit(key, place)` for each member; a mistake if this is not an object.
  template <typename Visit>
  void each_member(Visit visit) const {
    if (!expect(base::Json::value_t::object)) return;
    for (const auto& [key, value] : value_->items()) visit(key, JsonPlace(&value, this, key, 0));
  }

 private:
  JsonPlace(const base::Json* value, const JsonPlace* parent, std::string_view key,
            std::size_t index)
      : value_(value), parent_(parent), key_(key), index_(index), failure_(parent->failure_) {}

  [[nodiscard]] bool expect(base::Json::value_t type) const;
  void fail_type(const char* expected) const;

  const base::Json* value_;  // null pointer: absent
  const JsonPlace* parent_ = nullptr;
  std::string_view key_;  // of a member; empty for an element
  std::size_t index_ = 0;
  std::optional<base::Error>* failure_;
};

/// The value at a path of keys, if it is there and has that type.
template <typename T>
std::optional<T> look_up(const base::Json& json, std::initializer_list<std::string_view> keys) {
  const base::Json* place = &json;
  for (const std::string_view key : keys) {
    if (!place->is_object()) return std::nullopt;
    const auto member = place->find(key);
    if (member == place->end()) return std::nullopt;
    place = &*member;
  }
  std::optional<base::Error> failure;
  T value{};
  JsonPlace(*place, failure).to(value);
  if (failure) return std::nullopt;
  return value;
}

}  // namespace poolbench::report
