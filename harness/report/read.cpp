#include <fmt/format.h>

#include <charconv>

#include "base/file.h"
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

}  // namespace poolbench::report
