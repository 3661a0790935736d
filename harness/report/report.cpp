#include "report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/file.h"
#include "base/text.h"
#include "report/json_fields.h"
#include "report/report_fields.h"

namespace poolbench::report {
namespace {

using base::Json;

constexpr int kSchemaMajor = 1;
constexpr int kDeepestNesting = 64;

class TrialReader : public Reader {
 public:
  using Reader::Reader;
  void measured(std::optional<Measurement>& measurement) const {
    if (!place()["requests"].present()) return;
    read_measurement(place(), measurement.emplace(), "generator_warnings");
  }
  void missing(const Field& field, Trial& trial) const { (*this)(field, trial.missing); }
};

/// Refuses what this program cannot read before anything else can look wrong in it.
void read_version(const JsonPlace& place, std::string& version) {
  place.to(version);
  int major = 0;
  const auto end = version.data() + version.size();
  const auto [after, problem] = std::from_chars(version.data(), end, major);
  if (problem != std::errc() || after == end || *after != '.') {
    place.fail("should be a version such as \"1.0\"");
  } else if (major != kSchemaMajor) {
    place.fail(fmt::format("is {}, but this program reads {}.x; use the poolbench that wrote it",
                           version, kSchemaMajor));
  }
}

int minor_of(const std::string& version) {
  const std::size_t point = version.find('.');
  int minor = 0;
  if (point == std::string::npos) return minor;
  std::from_chars(version.data() + point + 1, version.data() + version.size(), minor);
  return minor;
}

bool nests_too_deeply(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kDeepestNesting) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

/// Without the library's own "[json.exception.parse_error.101] ".
std::string message_of(const Json::exception& problem) {
  const std::string_view text = problem.what();
  const auto end = text.find("] ");
  return std::string(end == std::string_view::npos ? text : text.substr(end + 2));
}

}  // namespace

void read_fields(Reader& reader, Trial& trial) {
  TrialReader own(reader.place());
  fields(own, trial);
}

base::Result<Report> report_from_json(const Json& json) {
  std::optional<base::Error> failure;
  const JsonPlace root(json, failure);
  Report report;
  read_version(root["schema_version"], report.schema_version);
  if (!failure) read(root, report);
  if (!failure) {
    const int minor = minor_of(report.schema_version);
    for (CellReport& cell : report.cells) cell.schema_minor = minor;
    return report;
  }
  failure->message = "not a report of poolbench: " + failure->message;
  return tl::unexpected(std::move(*failure));
}

base::Result<Json> parse_document(std::string_view text) {
  if (nests_too_deeply(text)) {
    return base::bad_input(
        fmt::format("not a report of poolbench: it nests more than {} levels", kDeepestNesting));
  }
  try {
    return Json::parse(text);
  } catch (const Json::exception& problem) {
    return base::bad_input("not a report of poolbench: " + message_of(problem), {},
                           "give the report.json that a run wrote");
  }
}

base::Result<Report> parse_report(std::string_view text) {
  const auto document = parse_document(text);
  if (!document) return tl::unexpected(document.error());
  return report_from_json(*document);
}

base::Result<Report> read_report(const std::filesystem::path& file) {
  auto text = base::read_file(file);
  if (!text) return tl::unexpected(std::move(text.error()));
  auto report = parse_report(*text);
  if (!report) report.error().where = file.string();
  return report;
}

namespace {

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

const CellReport* find_cell(const Report& report, const std::string& id) {
  for (const CellReport& cell : report.cells) {
    if (cell.id == id) return &cell;
  }
  return nullptr;
}

void make_compact(Report& report) {
  report.compact = true;
  for (Pilot& pilot : report.design.pilots) pilot.series.reset();
  for (CellReport& cell : report.cells) {
    for (Trial& trial : cell.trials) {
      if (trial.measurement) trial.measurement->series_requests.clear();
      trial.database.connections_series.clear();
    }
  }
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
