#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "report/report_fields.h"

// What the lists of fields (fields.h) say of a report, for people and for programs of others: its
// JSON Schema and the tables of docs/report-reference.md, which the tests hold against the files.

namespace poolbench::report {

/// One member, or one of an object within it, in dotted form.
struct DescribedMember {
  std::string path;
  std::string type;  ///< in JSON's words, with the unit
  std::string meaning;
};

/// Goes through the fields of a struct and notes what they are.
class Describer {
 public:
  static constexpr bool kWrites = false;

  template <typename T>
  static Describer of() {
    Describer describer;
    T value{};
    fields(describer, value);
    return describer;
  }

  /// JSON Schema of the object.
  [[nodiscard]] base::Json schema() const {
    return {{"type", "object"},
            {"required", required_},
            {"additionalProperties", false},
            {"properties", properties_}};
  }
  [[nodiscard]] const std::vector<DescribedMember>& members() const { return members_; }

  template <typename T>
  void operator()(const Field& field, T& /*value*/) {
    add(field, schema_of<T>(field), type_of<T>(field));
    add_inner<T>(field);
  }
  template <typename List>
  void group(const Field& field, List list) {
    Describer inner;
    list(inner);
    add(field, inner.schema(), "object");
    add_members(field, inner, "");
  }
  template <typename T>
  void by_name(const Field& field, std::vector<T>& /*values*/, std::string T::* /*name*/) {
    const Describer inner = of<T>();
    add(field, {{"type", "object"}, {"additionalProperties", inner.schema()}}, "object by name");
    add_members(field, inner, "*.");
  }
  /// Of a trial that never measured, three members are null and the others absent.
  void measured(std::optional<Measurement>& /*measurement*/) {
    Describer inner;
    Measurement value;
    fields(inner, value, "generator_warnings");
    for (const char* name : {"requests", "throughput_requests_per_second", "latency_us"}) {
      base::Json& schema = inner.properties_[name];
      schema["type"] = {schema["type"], "null"};
      required_.emplace_back(name);
    }
    properties_.update(inner.properties_);
  }
  void missing(const Field& field, Trial& trial) { (*this)(field, trial.missing); }

  /// The members of what a generator measured, as they lie in a trial.
  static std::vector<DescribedMember> measurement_members() {
    Describer describer;
    Measurement value;
    fields(describer, value, "generator_warnings");
    return describer.members_;
  }

 private:
  void add(const Field& field, base::Json schema, std::string type) {
    const std::string name(field.name);
    if (!field.meaning.empty()) schema["description"] = field.meaning;
    properties_[name] = std::move(schema);
    if (field.is_required()) required_.push_back(name);
    std::string meaning = field.since > 0 ? "(1." + std::to_string(field.since) + ") " : "";
    members_.push_back({name, std::move(type), meaning.append(field.meaning)});
  }

  void add_members(const Field& field, const Describer& inner, const std::string& between) {
    for (DescribedMember member : inner.members_) {
      member.path = std::string(field.name) + "." + between + member.path;
      // The quantiles of a histogram are in its unit.
      if (member.type.starts_with("number or")) member.type.insert(6, unit_of(field.name));
      members_.push_back(std::move(member));
    }
  }

  /// Those of an object within; what has a table of its own is not repeated.
  template <typename T>
  void add_inner(const Field& field) {
    if constexpr (kinds::kIsOptional<T>) {
      add_inner<typename T::value_type>(field);
    } else if constexpr (kinds::kIsArray<T>) {
      if constexpr (kinds::HasFields<typename T::value_type>) {
        add_elements<typename T::value_type>(field);
      }
    } else if constexpr (std::is_same_v<T, std::map<std::string, EndpointFigures>>) {
      add_members(field, of<EndpointFigures>(), "*.");
    } else if constexpr (kinds::HasFields<T> && !has_own_table<T>()) {
      if (field.meaning == "as `latency_us`") return;
      add_members(field, of<T>(), "");
    }
  }
  template <typename T>
  void add_elements(const Field& field) {
    if constexpr (!has_own_table<T>()) add_members(field, of<T>(), "");
  }
  template <typename T>
  static constexpr bool has_own_table() {
    return std::is_same_v<T, Design> || std::is_same_v<T, Environment> ||
           std::is_same_v<T, CellReport> || std::is_same_v<T, Trial> ||
           std::is_same_v<T, ComparisonResult> || std::is_same_v<T, HypothesisResult>;
  }

  template <typename T>
  static base::Json schema_of(const Field& field) {
    if constexpr (kinds::kIsOptional<T>) {
      base::Json schema = schema_of<typename T::value_type>(field);
      if (field.presence == Presence::kOmitted) return schema;
      if (schema.contains("enum")) {
        schema["enum"].push_back(nullptr);
      } else if (schema.contains("type")) {
        schema["type"] = {schema["type"], "null"};
      }
      return schema;
    } else if constexpr (kinds::kIsStated<T>) {
      return {{"type", {"string", "null"}}};
    } else if constexpr (AWord<T>) {
      return {{"enum", Words<T>::kAll}};
    } else if constexpr (kinds::kIsByName<T>) {
      using Element = std::remove_cvref_t<decltype(std::declval<T>().begin()->second)>;
      return {{"type", "object"}, {"additionalProperties", schema_of<Element>(element_of(field))}};
    } else if constexpr (kinds::kIsArray<T>) {
      base::Json schema = {{"type", "array"}, {"items", schema_of<typename T::value_type>(field)}};
      if (field.most_elements > 0) schema["maxItems"] = field.most_elements;
      return schema;
    } else if constexpr (kinds::HasFields<T>) {
      return of<T>().schema();
    } else if constexpr (std::is_same_v<T, base::Json>) {
      return field.name == "details" ? base::Json::object() : base::Json{{"type", "object"}};
    } else if constexpr (std::is_same_v<T, std::string>) {
      base::Json schema = {{"type", "string"}};
      if (field.not_empty) schema["minLength"] = 1;
      if (!field.pattern.empty()) schema["pattern"] = field.pattern;
      return schema;
    } else if constexpr (std::is_same_v<T, bool>) {
      return {{"type", "boolean"}};
    } else {
      return number_schema<T>(field.range);
    }
  }
  template <typename T>
  static base::Json number_schema(const Range& range) {
    base::Json schema = {{"type", std::is_integral_v<T> ? "integer" : "number"}};
    const double least = std::is_unsigned_v<T> ? std::max(range.least, 0.0) : range.least;
    if (std::isfinite(least)) schema["minimum"] = static_cast<int>(least);
    if (std::isfinite(range.most)) schema["maximum"] = static_cast<int>(range.most);
    return schema;
  }

  template <typename T>
  static std::string type_of(const Field& field) {
    if constexpr (kinds::kIsOptional<T>) {
      const bool may_be_null = field.presence != Presence::kOmitted;
      return type_of<typename T::value_type>(field) + (may_be_null ? " or null" : "");
    } else if constexpr (kinds::kIsStated<T>) {
      return "text or null";
    } else if constexpr (AWord<T>) {
      std::string text;
      for (const std::string_view word : Words<T>::kAll) {
        text.append(text.empty() ? "`" : ", `").append(word) += '`';
      }
      return text;
    } else if constexpr (kinds::kIsByName<T>) {
      using Element = std::remove_cvref_t<decltype(std::declval<T>().begin()->second)>;
      return "object by name: " + type_of<Element>(element_of(field));
    } else if constexpr (kinds::kIsArray<T>) {
      return "list: " + type_of<typename T::value_type>(field);
    } else if constexpr (kinds::HasFields<T>) {
      return "object";
    } else if constexpr (std::is_same_v<T, base::Json>) {
      return field.name == "details" ? "any" : "object";
    } else if constexpr (std::is_same_v<T, std::string>) {
      return "text";
    } else if constexpr (std::is_same_v<T, bool>) {
      return "true or false";
    } else {
      return (std::is_integral_v<T> ? "whole number" : "number") + unit_of(field.name);
    }
  }
  /// An object that may be left out holds all of its elements.
  static Field element_of(Field field) {
    field.presence = Presence::kAlways;
    return field;
  }
  /// By the end of the name.
  static std::string unit_of(std::string_view name) {
    static constexpr std::pair<std::string_view, std::string_view> kUnits[] = {
        {"_per_second", ", 1/s"}, {"seconds", ", s"}, {"_ms", ", ms"},
        {"_us", ", µs"},          {"_bytes", ", B"},  {"ratio", ", as a share of 1"}};
    for (const auto& [ending, unit] : kUnits) {
      if (name.ends_with(ending)) return std::string(unit);
    }
    return {};
  }

  base::Json properties_ = base::Json::object();
  std::vector<std::string> required_;
  std::vector<DescribedMember> members_;
};

}  // namespace poolbench::report
