#include "report/format/notes.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "report/format/paint.h"
#include "report/format/text.h"
#include "report/json_place.h"
#include "report/measurement.h"
#include "report/metric.h"
#include "report/summary.h"
#include "report/validity.h"

namespace poolbench::report {
namespace {

using base::Json;

/// Sentences in the order in which they first came, each with the number of times.
class Counted {
 public:
  void add(const std::string& sentence) {
    const std::string text = printable(sentence);
    for (auto& [known, count] : sentences_) {
      if (known == text) {
        ++count;
        return;
      }
    }
    sentences_.emplace_back(text, 1);
  }
  [[nodiscard]] const std::vector<std::pair<std::string, int>>& all() const { return sentences_; }

 private:
  std::vector<std::pair<std::string, int>> sentences_;
};

std::string generator_limited(const Report& report) {
  std::size_t limited = 0, trials = 0;
  std::set<std::string> cells;
  Counted reasons;
  for (const CellReport& cell : report.cells) {
    for (const Trial& trial : cell.trials) {
      ++trials;
      if (!trial.measurement || !trial.measurement->generator_limited) continue;
      ++limited;
      cells.insert(printable(cell.id));
      for (const auto& reason : trial.measurement->generator_limited_reasons) reasons.add(reason);
    }
  }
  if (limited == 0) return {};
  std::string why;
  for (const auto& [reason, count] : reasons.all()) why += (why.empty() ? "" : "; ") + reason;
  return fmt::format(
      "The generator was the limit in {} of {} trials ({}){}: the rates there say what the "
      "generator could offer, not what the target could serve.",
      limited, trials, fmt::join(cells, "; "), why.empty() ? "" : ", because " + why);
}

/// Connections in use on average, as Little's law has it, ÷ those offered.
std::optional<double> littles_ratio(const CellReport& cell, const Trial& trial) {
  constexpr double kSecondsPerUs = 1e-6;
  const auto connections = look_up<double>(cell.config, {"load", "connections"});
  if (!trial.measurement || trial.measurement->loop != "closed" || !connections) {
    return std::nullopt;
  }
  const auto mean = trial.measurement->latency_us.mean;
  if (!mean || *connections <= 0) return std::nullopt;
  return trial.measurement->throughput_requests_per_second * *mean * kSecondsPerUs / *connections;
}

bool saturated_closed_loop(const Report& report) {
  constexpr double kNearlyAll = 0.95, kNotMoreThanAll = 1.05;
  std::size_t seen = 0;
  for (const CellReport& cell : report.cells) {
    for (const Trial& trial : cell.trials) {
      if (trial.status != TrialStatus::kOk) continue;
      const auto ratio = littles_ratio(cell, trial);
      if (!ratio || *ratio < kNearlyAll || *ratio > kNotMoreThanAll) return false;
      ++seen;
    }
  }
  return seen > 0;
}

/// The end of a log that belongs to a reason is shown below the table, and so is the reason itself
/// of a failed cell.
void add_invalid(Counted& warnings, const CellReport& cell, const Trial& trial) {
  for (const std::string& reason : trial.reasons) {
    const std::string what = base::first_line(reason);
    const bool shown = cell.status == CellStatus::kFailed && what == base::first_line(cell.error);
    if (!shown) warnings.add(cell.id + ": invalid trial: " + what);
  }
}

Counted warnings_of(const Report& report) {
  Counted warnings;
  for (const auto& warning : report.environment.warnings) {
    warnings.add(warning);
  }
  for (const CellReport& cell : report.cells) {
    for (const Trial& trial : cell.trials) {
      if (is_invalid(trial)) {
        add_invalid(warnings, cell, trial);
      }
      for (const auto& warning : trial.warnings) warnings.add(warning);
      if (!trial.measurement) continue;
      const std::string busy = busy_machine_text(*trial.measurement);
      for (const auto& warning : trial.measurement->warnings) {
        if (warning != busy) warnings.add(warning);
      }
    }
  }
  return warnings;
}

/// Once for all trials: each has another figure.
std::string busy_machine(const Report& report) {
  std::size_t busy = 0, trials = 0;
  double most = 0;
  for (const CellReport& cell : report.cells) {
    for (const Trial& trial : cell.trials) {
      ++trials;
      if (!trial.measurement || busy_machine(*trial.measurement) != Busy::kWorthAWarning) continue;
      ++busy;
      most = std::max(most, trial.measurement->generator_delay_ratio.value_or(0));
    }
  }
  if (busy == 0) return {};
  return fmt::format(
      "The machine was busy in {} of {} trials: waiting for a processor could explain up to "
      "{:.0f} % of a trial's latency.",
      busy, trials, 100 * most);
}

/// What the stars in the column of p99 mean and what would give estimates; why a cell has no p99.
std::vector<std::string> about_tails(const Report& report) {
  const NamedQuantile& tail = *quantile_of(built_in_metric(kTail));
  std::string starred, bounded, lacking;
  std::uint64_t fewest = std::numeric_limits<std::uint64_t>::max();
  for (const CellReport& cell : report.cells) {
    const bool estimated = std::ranges::any_of(cell.summary, [](const Summary& summary) {
      return summary.metric == kTail && summary.median;
    });
    if (cell.status != CellStatus::kOk || estimated) continue;
    const auto all = pooled_quantiles(cell);
    const Pooled pooled = pooled_instead(cell, tail, all);
    const std::string why = printable(cell.id + ": " + pooled.reason);
    if (pooled.at_most_us) {
      bounded += (bounded.empty() ? "≤ p99 with the generator's own waiting in it. " : ". ") + why;
    } else if (!pooled.value_us) {
      if (!pooled.reason.empty()) lacking += (lacking.empty() ? "No p99 of " : ". Of ") + why;
    } else if (all->count < fewest) {
      fewest = all->count;
      starred =
          "* p99 of all answers of a cell's good trials together, without interval or verdict";
      starred += pooled.reason.empty() ? "." : ". " + why + ".";
    }
  }
  for (std::string* const note : {&bounded, &lacking}) {
    if (!note->empty()) *note += '.';
  }
  return {starred, bounded, lacking};
}

/// Why endpoints of a mix have no p99: the first cell of each endpoint stands for all.
std::vector<std::string> about_tails_of_endpoints(const Report& report) {
  struct Lacking {
    std::string first;
    int cells = 0;
  };
  const NamedQuantile& tail = *quantile_of(built_in_metric(kTail));
  std::map<std::string, Lacking> by_endpoint;
  for (const CellReport& cell : report.cells) {
    if (cell.status == CellStatus::kFailed) continue;
    for (const std::string& endpoint : endpoints_in(cell)) {
      const std::string metric = fmt::format("endpoint.{}.{}", endpoint, kTail);
      const bool is_shown = std::ranges::any_of(cell.summary, [&](const Summary& summary) {
        return summary.metric == metric && summary.median;
      });
      const std::string why = is_shown ? "" : why_no_estimate(cell, tail, endpoint);
      if (why.empty()) continue;
      Lacking& lacking = by_endpoint[endpoint];
      if (++lacking.cells == 1) lacking.first = fmt::format("{}: {}", cell.id, why);
    }
  }
  std::vector<std::string> notes;
  for (const auto& [endpoint, lacking] : by_endpoint) {
    const std::string others =
        lacking.cells == 1 ? "" : fmt::format("{} cells, such as ", lacking.cells);
    notes.push_back(
        printable(fmt::format("No p99 of endpoint {} in {}{}.", endpoint, others, lacking.first)));
  }
  return notes;
}

/// A parameter that reaches nobody looks like one that makes no difference.
Note made_no_difference(const IdleAxis& axis) {
  std::vector<std::string> values;
  for (const Json& value : axis.values) {
    values.push_back(value_text(value));
  }
  const std::string last = values.back();
  values.pop_back();
  return {Note::Kind::kWarning,
          fmt::format("{} made no difference: {} and {} gave the same sessions/request and, within "
                      "the interval, the same rate.",
                      printable(axis.name), fmt::join(values, ", "), last),
          "If it should make one, see whether the application reads it."};
}

/// Since when the data of a target are kept, where an earlier run made them.
std::vector<std::string> about_kept_data(const Report& report) {
  std::vector<const TargetFacts*> targets;
  for (const TargetFacts& target : report.environment.targets) targets.push_back(&target);
  if (targets.empty() && report.environment.target) targets = {&*report.environment.target};
  std::vector<std::string> notes;
  for (const TargetFacts* target : targets) {
    for (const DataSetFacts& data : target->data_sets) {
      if (!data.kept) continue;
      std::string params;
      for (const auto& [name, value] : data.params.items()) {
        params += fmt::format(", {} = {}", name, value_text(value));
      }
      constexpr std::size_t kMinutes = 16;  // of "2025-07-08T12:34:56.789Z"
      std::string made_at = data.made_at.substr(0, kMinutes);
      std::ranges::replace(made_at, 'T', ' ');
      notes.push_back(printable(fmt::format(
          "The data of target {}{} were kept from {} UTC; --fresh-data makes them anew.",
          target->name, params, made_at)));
    }
  }
  return notes;
}

/// Of what was ready because a time had passed, nobody knows whether all of it was.
std::string settled(const Report& report) {
  std::set<std::string> cells;
  for (const CellReport& cell : report.cells) {
    for (const Trial& trial : cell.trials) {
      if (trial.ready.by == ReadyBy::kSettle) cells.insert(printable(cell.id));
    }
  }
  if (cells.empty()) return {};
  return fmt::format(
      "The target counted as ready once ready.settle had passed ({}): nothing showed that every "
      "worker had answered before the load.",
      fmt::join(cells, "; "));
}

}  // namespace

std::vector<Note> notes_of(const Report& report) {
  using enum Note::Kind;
  std::vector<Note> notes;
  const auto add = [&](Note::Kind kind, std::string what) {
    if (!what.empty()) notes.push_back({kind, std::move(what), {}});
  };
  add(kLimit, generator_limited(report));
  add(kWarning, printable(disturbance_text(report)));
  const Counted warnings = warnings_of(report);
  for (const auto& [warning, count] : warnings.all()) {
    add(kWarning, count == 1 ? warning : fmt::format("{} (×{})", warning, count));
  }
  add(kWarning, busy_machine(report));
  if (saturated_closed_loop(report)) {
    add(kRemark,
        "Latency is no separate finding here: in a closed loop at saturation it is connections ÷ "
        "throughput (Little's law).");
  }
  add(kRemark, settled(report));
  for (const IdleAxis& axis : idle_axes(report)) notes.push_back(made_no_difference(axis));
  for (std::string& tail : about_tails(report)) add(kRemark, std::move(tail));
  for (std::string& tail : about_tails_of_endpoints(report)) add(kRemark, std::move(tail));
  for (std::string& kept : about_kept_data(report)) add(kRemark, std::move(kept));
  return notes;
}

namespace {

void append_note(std::string& text, const Note& note, const TextStyle& style) {
  using enum Note::Kind;
  const Colour colour = note.kind == kLimit     ? Colour::kRed
                        : note.kind == kWarning ? Colour::kYellow
                                                : Colour::kPlain;
  const std::string sentence = note.next.empty() ? note.what : note.what + " " + note.next;
  const auto width = static_cast<std::size_t>(std::max(style.width, 40));
  const std::string wrapped = wrap(sentence, width, 4);
  const char* const mark = colour == Colour::kPlain ? "·" : "!";
  text += "  " + paint(mark, colour, style.colour) + " " + wrapped.substr(4) + "\n";
}

}  // namespace

std::string notes_text(const Report& report, const TextStyle& style) {
  std::string text;
  for (const Note& note : notes_of(report)) append_note(text, note, style);
  return text.empty() ? text : paint("Notes", Colour::kBold, style.colour) + "\n" + text;
}

}  // namespace poolbench::report
