#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "report/json_fields.h"
#include "report/report_fields.h"

namespace poolbench::report {
namespace {

using base::Json;

constexpr const char* kContentHash = "content_sha256";

class TrialWriter : public Writer {
 public:
  /// Null instead of the quantities that a trial is about, if it never measured.
  void measured(const std::optional<Measurement>& measurement) {
    if (measurement) {
      fields(*this, *measurement, "generator_warnings");
      return;
    }
    for (const char* name : {"requests", "throughput_requests_per_second", "latency_us"}) {
      put(name, nullptr);
    }
  }
  void missing(const Field& field, const Trial& trial) {
    Json missing = Json::object();
    for (const auto& [name, reason] : reasons_of(trial)) missing[name] = reason;
    put(field.name, std::move(missing));
  }
};

constexpr std::size_t kMostMembersOnALine = 6;
constexpr std::size_t kLongestLine = 100;

bool plain(const Json& json) {
  return std::none_of(json.begin(), json.end(), [](const Json& e) { return e.is_structured(); });
}

void append(std::string& text, const Json& json, std::size_t depth);

void append_array(std::string& text, const Json& array, std::size_t depth) {
  text += '[';
  const char* separator = "";
  for (const Json& element : array) {
    text += separator;
    text += '\n';
    text.append(depth + 1, ' ');
    append(text, element, depth + 1);
    separator = ",";
  }
  text += '\n';
  text.append(depth, ' ');
  text += ']';
}

void append_object(std::string& text, const Json& object, std::size_t depth) {
  text += '{';
  const char* separator = "";
  for (const auto& [key, value] : object.items()) {
    text += separator;
    text += '\n';
    text.append(depth + 1, ' ');
    text += base::json_dump(key);
    text += ": ";
    append(text, value, depth + 1);
    separator = ",";
  }
  text += '\n';
  text.append(depth, ' ');
  text += '}';
}

void append(std::string& text, const Json& json, std::size_t depth) {
  if (!json.is_structured() || json.empty() || (json.is_array() && plain(json))) {
    text += base::json_dump(json);
    return;
  }
  if (json.is_object() && json.size() <= kMostMembersOnALine && plain(json)) {
    if (const std::string line = base::json_dump(json); line.size() <= kLongestLine) {
      text += line;
      return;
    }
  }
  if (json.is_array()) {
    append_array(text, json, depth);
  } else {
    append_object(text, json, depth);
  }
}

/// JSON as people and `git diff` like it: a line a member, indented by one space; arrays and small
/// objects of plain values on one line. Bytes that are not UTF-8 become U+FFFD.
std::string json_text(const Json& json) {
  std::string text;
  append(text, json, 0);
  text += '\n';
  return text;
}

}  // namespace

void write_fields(Writer& writer, const Trial& trial) {
  TrialWriter own;
  fields(own, trial);
  writer = own;
}

Reasons reasons_of(const Trial& trial) {
  Reasons reasons = trial.missing;
  if (!trial.measurement) return reasons;
  for (auto& reason : missing_of(*trial.measurement)) reasons.push_back(std::move(reason));
  return reasons;
}

Json to_json(const Report& report) { return json_of(report); }

std::string content_sha256(const Json& document) {
  Json content = document;
  if (content.is_object()) content.erase(kContentHash);
  return base::sha256_hex(content.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string report_text(const Report& report) {
  Json document = to_json(report);
  document[kContentHash] = content_sha256(document);
  return json_text(document);
}

base::Result<void> write_report(const Report& report, const std::filesystem::path& file) {
  return base::write_file_atomically(file, report_text(report));
}

}  // namespace poolbench::report
