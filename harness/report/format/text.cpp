#include "report/format/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "base/text.h"
#include "report/format/paint.h"
#include "report/json_place.h"
#include "report/metric.h"

namespace poolbench::report {

std::string to_text(const Report& report, const TextStyle& style) {
  std::string text;
  for (const auto part : {header_text, cells_text, budget_text, metrics_text, comparisons_text,
                          generators_text, hypotheses_text, published_text, notes_text}) {
    const std::string section = part(report, style);
    if (!text.empty() && !section.empty()) text += '\n';
    text += section;
  }
  return text;
}

Table::Cell verdict_cell(Verdict verdict) {
  switch (verdict) {
    case Verdict::kImproved:
      return {"✓ improved", Colour::kGreen};
    case Verdict::kRegressed:
      return {"✗ regressed", Colour::kRed};
    case Verdict::kNoChange:
      return {"= no change", Colour::kPlain};
    case Verdict::kInconclusive:
      return {"? inconclusive", Colour::kYellow};
    case Verdict::kIncomparable:
      break;
  }
  return {"≠ incomparable", Colour::kYellow};
}

std::string half_width_text(double estimate, double low, double high) {
  const double half = std::max(high - estimate, estimate - low);
  return fmt::format("±{:.1f} %", 100 * half / estimate);
}

std::string value_text(const base::Json& value) {
  return printable(value.is_string() ? value.get<std::string>() : base::json_dump(value));
}

std::string join_parts(const std::vector<std::string>& parts) {
  std::string joined;
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    if (!joined.empty()) joined += " · ";
    joined += part;
  }
  return joined;
}

namespace {

using base::Json;

std::string text_of(const std::optional<std::string>& text) { return printable(text.value_or("")); }

/// "django 5.2.17 · gunicorn 23.0.0".
std::string versions_text(const Json& versions) {
  std::vector<std::string> parts;
  for (const auto& [name, version] : versions.items()) {
    if (version.is_string()) {
      parts.push_back(printable(name + " " + version.get_ref<const std::string&>()));
    }
  }
  return join_parts(parts);
}

/// "pgbouncer: PgBouncer 1.18.0"; nothing of a service that does not tell.
std::string service_line(const ServiceFacts& service) {
  const Json& versions = service.versions;
  const bool is_one = versions.size() == 1 && versions.contains(service.name) &&
                      versions.at(service.name).is_string();
  const std::string text =
      is_one ? printable(versions.at(service.name).get<std::string>()) : versions_text(versions);
  return fmt::format("{}: {}", printable(service.name), text);
}

/// How the cells' targets connect, where that is not the default: "scram-sha-256, TLS in some
/// cells".
std::string connecting(const Report& report) {
  constexpr std::array kNotDefault{std::tuple{"auth", "scram-sha-256", "scram-sha-256"},
                                   std::tuple{"tls", "true", "TLS"},
                                   std::tuple{"transport", "unix", "unix socket"}};
  std::string text;
  for (const auto& [key, value, word] : kNotDefault) {
    const auto count = std::ranges::count_if(report.cells, [&](const CellReport& cell) {
      const auto setting = look_up<Json>(cell.config, {"postgres", key});
      return setting && value_text(*setting) == value;
    });
    if (count == 0) continue;
    text += fmt::format(", {}{}", word, count < std::ssize(report.cells) ? " in some cells" : "");
  }
  return text;
}

}  // namespace

std::vector<std::string> software_lines(const Report& report) {
  std::vector<std::string> lines;
  const Environment& environment = report.environment;
  std::string postgres = postgres_text(environment);
  if (!postgres.empty()) postgres += connecting(report);
  if (environment.targets.empty()) {
    const Json versions =
        environment.target ? environment.target->versions.value_or(Json()) : Json();
    lines = {join_parts({postgres, versions_text(versions)})};
  } else {
    lines = {postgres};
    for (const TargetFacts& target : environment.targets) {
      lines.push_back(fmt::format("{}: {}", printable(target.name),
                                  versions_text(target.versions.value_or(Json()))));
    }
  }
  for (const ServiceFacts& service : environment.services) lines.push_back(service_line(service));
  std::erase_if(lines,
                [](const std::string& line) { return line.empty() || line.ends_with(": "); });
  return lines;
}

std::string machine_text(const Report& report) {
  const Environment& environment = report.environment;
  std::vector<std::string> parts;
  const std::string model = text_of(environment.cpu_model);
  if (environment.cpu_count) {
    parts.push_back(fmt::format("{} × {}", *environment.cpu_count, model.empty() ? "CPU" : model));
  }
  if (const auto kernel = text_of(environment.kernel_release); !kernel.empty()) {
    parts.push_back("Linux " + kernel);
  }
  if (environment.virtualized.value_or(false)) parts.emplace_back("virtual machine");
  return join_parts(parts);
}

namespace {

/// The load of all cells, or nothing where they differ.
template <typename T>
std::optional<T> common_load(const Report& report, std::string_view key) {
  std::optional<T> common;
  for (const CellReport& cell : report.cells) {
    const auto value = look_up<T>(cell.config, {"load", key});
    if (!value || (common && *common != *value)) return std::nullopt;
    common = value;
  }
  return common;
}

/// "closed loop", "open loop at 200 requests/s", or both where the cells differ.
std::string loop(const Report& report) {
  std::vector<double> rates;
  bool closed = false;
  for (const CellReport& cell : report.cells) {
    const auto rate = look_up<double>(cell.config, {"load", "rate"});
    closed = closed || !rate;
    if (rate) rates.push_back(*rate);
  }
  if (rates.empty()) return "closed loop";
  const auto [least, most] = std::ranges::minmax(rates);
  const std::string range =
      least == most ? format_number(least) : format_number(least) + " to " + format_number(most);
  return fmt::format("{}open loop at {} requests/s", closed ? "closed loop and " : "", range);
}

}  // namespace

std::string load_text(const Report& report) {
  std::vector<std::string> parts;
  parts.push_back(printable(common_load<std::string>(report, "generator").value_or("")));
  parts.push_back(loop(report));
  if (const auto connections = common_load<int>(report, "connections")) {
    parts.push_back(fmt::format("{} connections", *connections));
  }
  if (const auto warmup = common_load<std::string>(report, "warmup")) {
    parts.push_back("warm-up " + printable(*warmup));
  } else if (const auto& found = report.design.pilot_warmup_seconds) {
    parts.push_back(fmt::format("warm-up {} s (by pilots)", format_number(*found)));
  }
  if (const auto requests = common_load<int>(report, "requests")) {
    parts.push_back(fmt::format("{} requests", *requests));
  } else if (const auto measure = common_load<std::string>(report, "measure")) {
    const auto slice = common_load<std::string>(report, "slice");
    parts.push_back("measure " + printable(*measure) +
                    (slice ? " in turns of " + printable(*slice) : std::string()));
  }
  return join_parts(parts);
}

namespace {

std::string run(const Report& report, const TextStyle& style) {
  std::vector<std::string> parts;
  const Design& design = report.design;
  if (design.blocks_completed && design.blocks_planned) {
    parts.push_back(fmt::format("{} of {}", *design.blocks_completed,
                                base::counted(*design.blocks_planned, "block")));
  }
  if (design.blocks_rerun && !design.blocks_rerun->empty()) {
    parts.push_back(fmt::format("{} more run again", design.blocks_rerun->size()));
  }
  if (const int again = design.trials_rerun.value_or(0); again > 0) {
    parts.push_back(base::counted(again, "trial") + " run again");
  }
  if (design.noisy_environment.value_or(false)) {
    parts.push_back(paint("noisy environment: no verdicts", Colour::kRed, style.colour));
  }
  if (design.seed) parts.push_back(fmt::format("seed {}", *design.seed));
  parts.push_back(printable(report.started_at));
  const bool completed = report.outcome == Outcome::kCompleted;
  const std::string outcome =
      report.outcome == Outcome::kOutOfTime ? "out of time" : std::string(word_of(report.outcome));
  parts.push_back(paint(outcome, completed ? Colour::kPlain : Colour::kRed, style.colour));
  return join_parts(parts);
}

/// Why the run did not complete; the rest of it, an excerpt of a log say, was told when it ended.
std::string failure(const Report& report, const TextStyle& style) {
  const std::string text = report.environment.failure.value_or("");
  if (text.empty()) return {};
  return paint(printable(text.substr(0, text.find('\n'))), Colour::kRed, style.colour);
}

}  // namespace

std::string postgres_text(const Environment& environment) {
  std::vector<PostgresFacts> servers = environment.postgres_servers;
  if (servers.empty() && environment.postgres) servers.push_back(*environment.postgres);
  std::string text;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    if (servers[i].version.empty()) continue;
    text += (text.empty() ? "PostgreSQL " : ", ") + printable(servers[i].version);
    const auto& packaging = servers[i].packaging.value;
    const bool is_told =
        i + 1 < servers.size() && servers[i + 1].packaging.value == packaging;  // once for all
    if (packaging && !is_told) text += fmt::format(" ({})", printable(*packaging));
  }
  return text;
}

std::vector<std::pair<const char*, std::string>> header_lines(const Report& report,
                                                              const TextStyle& style) {
  std::vector<std::pair<const char*, std::string>> lines;
  for (std::string& line : software_lines(report)) {
    lines.emplace_back(lines.empty() ? "software" : "", std::move(line));
  }
  lines.insert(lines.end(), {{"machine", machine_text(report)},
                             {"load", load_text(report)},
                             {"run", run(report, style)},
                             {"failure", failure(report, style)}});
  std::erase_if(lines, [](const auto& line) { return line.second.empty(); });
  return lines;
}

std::string header_text(const Report& report, const TextStyle& style) {
  std::string text = paint(printable(report.scenario.name), Colour::kBold, style.colour);
  if (!report.scenario.summary.empty()) {
    text += ": " + printable(report.scenario.summary);
  }
  text += '\n';
  for (const auto& [label, line] : header_lines(report, style)) {
    text += fmt::format("  {}  {}\n",
                        paint(fmt::format("{:<8}", label), Colour::kDim, style.colour), line);
  }
  return text;
}

}  // namespace poolbench::report
