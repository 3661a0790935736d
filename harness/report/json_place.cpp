#include "report/json_place.h"

#include <fmt/format.h>

#include <limits>

namespace poolbench::report {
namespace {

const base::Json kNull = nullptr;

}  // namespace

JsonPlace::JsonPlace(const base::Json& document, std::optional<base::Error>& failure)
    : value_(&document), failure_(&failure) {}

JsonPlace JsonPlace::operator[](std::string_view key) const {
  const base::Json* member = nullptr;
  if (expect(base::Json::value_t::object)) {
    const auto found = value_->find(key);
    if (found != value_->end()) member = &*found;
  }
  return {member, this, key, 0};
}

bool JsonPlace::present() const { return value_ != nullptr && !value_->is_null(); }

const base::Json& JsonPlace::json() const { return value_ != nullptr ? *value_ : kNull; }

std::string JsonPlace::path() const {
  if (parent_ == nullptr) return "the document";
  std::string path = parent_->parent_ == nullptr ? "" : parent_->path();
  if (key_.data() == nullptr) return path + fmt::format("[{}]", index_);
  if (!path.empty()) path += '.';
  return path.append(key_);
}

void JsonPlace::fail(const std::string& problem) const {
  if (failure_->has_value()) return;
  *failure_ = base::Error{base::ErrorCode::kBadInput, path() + " " + problem, {}, {}};
}

void JsonPlace::fail_many(std::string_view elements, std::size_t most) const {
  fail(fmt::format("holds more than {} {}", most, elements));
}

void JsonPlace::fail_type(const char* expected) const {
  if (failure_->has_value()) return;
  if (value_ == nullptr) {
    fail("is missing");
  } else {
    fail(fmt::format("should be {}, but is {}", expected,
                     value_->is_null() ? "null" : fmt::format("of type {}", value_->type_name())));
  }
}

bool JsonPlace::expect(base::Json::value_t type) const {
  if (failure_->has_value()) return false;
  if (value_ != nullptr && value_->type() == type) return true;
  fail_type(type == base::Json::value_t::array ? "an array" : "an object");
  return false;
}

void JsonPlace::to(std::string& out) const {
  if (value_ != nullptr && value_->is_string()) {
    out = value_->get_ref<const std::string&>();
  } else {
    fail_type("a string");
  }
}

void JsonPlace::to(bool& out) const {
  if (value_ != nullptr && value_->is_boolean()) {
    out = value_->get<bool>();
  } else {
    fail_type("true or false");
  }
}

void JsonPlace::to(int& out) const {
  std::int64_t wide = 0;
  to(wide);
  if (wide < std::numeric_limits<int>::min() || wide > std::numeric_limits<int>::max()) {
    fail(fmt::format("is out of range: {}", wide));
  } else {
    out = static_cast<int>(wide);
  }
}

void JsonPlace::to(std::int64_t& out) const {
  if (value_ == nullptr || !value_->is_number_integer()) return fail_type("an integer");
  constexpr auto kLargest = std::uint64_t{std::numeric_limits<std::int64_t>::max()};
  if (value_->is_number_unsigned() && value_->get<std::uint64_t>() > kLargest) {
    return fail("is out of range");
  }
  out = value_->get<std::int64_t>();
}

void JsonPlace::to(std::uint64_t& out) const {
  if (value_ == nullptr || !value_->is_number_integer()) return fail_type("an integer");
  if (!value_->is_number_unsigned() && value_->get<std::int64_t>() < 0) {
    return fail("should not be negative");
  }
  out = value_->get<std::uint64_t>();
}

void JsonPlace::to(double& out) const {
  if (value_ != nullptr && value_->is_number()) {
    out = value_->get<double>();
  } else {
    fail_type("a number");
  }
}

void JsonPlace::to(base::Json& out) const { out = json(); }

}  // namespace poolbench::report
