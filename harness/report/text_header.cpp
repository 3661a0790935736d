#include <fmt/format.h>

#include <algorithm>

#include "report/metric.h"
#include "report/paint.h"
#include "report/text_parts.h"

namespace poolbench::report {
namespace {

using base::Json;

std::string text_at(const Json& json, std::initializer_list<std::string_view> keys) {
  return printable(look_up<std::string>(json, keys).value_or(""));
}

std::string software(const Report& report) {
  std::vector<std::string> parts;
  if (const auto version = text_at(report.environment, {"postgres", "version"}); !version.empty()) {
    parts.push_back("PostgreSQL " + version);
  }
  using Versions = std::vector<std::pair<std::string, Json>>;
  for (const auto& [name, version] :
       look_up<Versions>(report.environment, {"target", "versions"}).value_or(Versions{})) {
    if (version.is_string()) {
      parts.push_back(printable(name + " " + version.get_ref<const std::string&>()));
    }
  }
  return join_parts(parts);
}

std::string machine(const Report& report) {
  std::vector<std::string> parts;
  const auto model = text_at(report.environment, {"host.cpu.model.name"});
  if (const auto count = look_up<int>(report.environment, {"host.cpu.logical_count"})) {
    parts.push_back(fmt::format("{} × {}", *count, model.empty() ? "CPU" : model));
  }
  if (const auto kernel = text_at(report.environment, {"os.kernel_release"}); !kernel.empty()) {
    parts.push_back("Linux " + kernel);
  }
  if (look_up<bool>(report.environment, {"virtualized"}).value_or(false)) {
    parts.emplace_back("virtual machine");
  }
  return join_parts(parts);
}

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

std::string load(const Report& report) {
  std::vector<std::string> parts;
  parts.push_back(printable(common_load<std::string>(report, "generator").value_or("")));
  parts.push_back(loop(report));
  if (const auto connections = common_load<int>(report, "connections")) {
    parts.push_back(fmt::format("{} connections", *connections));
  }
  if (const auto warmup = common_load<std::string>(report, "warmup")) {
    parts.push_back("warm-up " + printable(*warmup));
  } else if (const auto found = look_up<double>(report.design, {"pilot_warmup_seconds"})) {
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

std::string run(const Report& report, const TextStyle& style) {
  std::vector<std::string> parts;
  const auto done = look_up<int>(report.design, {"blocks_completed"});
  const auto planned = look_up<int>(report.design, {"blocks_planned"});
  if (done && planned) {
    parts.push_back(fmt::format("{} of {} block{}", *done, *planned, *planned == 1 ? "" : "s"));
  }
  if (const auto again = look_up<std::vector<int>>(report.design, {"blocks_rerun"});
      again && !again->empty()) {
    parts.push_back(fmt::format("{} more run again", again->size()));
  }
  if (const auto again = look_up<int>(report.design, {"trials_rerun"}).value_or(0); again > 0) {
    parts.push_back(fmt::format("{} trial{} run again", again, again == 1 ? "" : "s"));
  }
  if (look_up<bool>(report.design, {"noisy_environment"}).value_or(false)) {
    parts.push_back(paint("noisy environment: no verdicts", Colour::kRed, style.colour));
  }
  if (const auto seed = look_up<std::uint64_t>(report.design, {"seed"})) {
    parts.push_back(fmt::format("seed {}", *seed));
  }
  parts.push_back(printable(report.started_at));
  const bool completed = report.outcome == Outcome::kCompleted;
  const std::string outcome =
      report.outcome == Outcome::kOutOfTime ? "out of time" : std::string(word_of(report.outcome));
  parts.push_back(paint(outcome, completed ? Colour::kPlain : Colour::kRed, style.colour));
  return join_parts(parts);
}

/// Why the run did not complete; the rest of it, an excerpt of a log say, was told when it ended.
std::string failure(const Report& report, const TextStyle& style) {
  const std::string text = look_up<std::string>(report.environment, {"failure"}).value_or("");
  if (text.empty()) return {};
  return paint(printable(text.substr(0, text.find('\n'))), Colour::kRed, style.colour);
}

}  // namespace

std::string header_text(const Report& report, const TextStyle& style) {
  std::string text = paint(text_at(report.scenario, {"name"}), Colour::kBold, style.colour);
  if (const auto summary = text_at(report.scenario, {"summary"}); !summary.empty()) {
    text += ": " + summary;
  }
  text += '\n';
  const std::pair<const char*, std::string> lines[] = {{"software", software(report)},
                                                       {"machine", machine(report)},
                                                       {"load", load(report)},
                                                       {"run", run(report, style)},
                                                       {"failure", failure(report, style)}};
  for (const auto& [label, line] : lines) {
    if (line.empty()) continue;
    text += fmt::format("  {}  {}\n",
                        paint(fmt::format("{:<8}", label), Colour::kDim, style.colour), line);
  }
  return text;
}

}  // namespace poolbench::report
