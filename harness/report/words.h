#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// The words of a report that are one of a few. Each kind has one table, in the order of its
// enumerators, which everything reads that turns a value into its word or back.

namespace poolbench::report {

/// What became of a trial. kSuperseded: another attempt at it counts.
enum class TrialStatus { kOk, kFailed, kInvalid, kInterrupted, kSuperseded };
/// kPlanned: no trial of the cell is good, and yet it has not failed.
enum class CellStatus { kPlanned, kOk, kFailed };
/// How a run ended. kOutOfTime: its time limit left something out.
enum class Outcome { kCompleted, kOutOfTime, kInterrupted, kFailed };
/// What a comparison found.
enum class Verdict { kImproved, kRegressed, kNoChange, kInconclusive, kIncomparable };
/// What became of a hypothesis, or of one cell or pair of its evidence.
enum class Decision { kConfirmed, kRefuted, kInconclusive };
/// How the peak of the sessions was found out: every session counts, or only those that were open
/// when samples were taken.
enum class PeakSource { kLog, kSamples };
/// What showed that a target was ready: every worker named itself in a header, held a connection;
/// a time that the target file gives had passed; or one answer, which is enough then.
enum class ReadyBy { kHeader, kConnections, kSettle, kFirstAnswer };
/// Why a run had no further block.
enum class Stopped { kBlocks, kPrecision, kMaxBlocks, kNoisyEnvironment, kMaxTime };
/// Which values of a metric are the better ones.
enum class Better { kLower, kHigher, kNeither };
/// What a time budget divides: the time for which a request keeps one of the target's workers, or
/// the latency as clients see it.
enum class BudgetOf { kWorker, kLatency };
/// What a declared metric's source tells: how often something has happened so far, or how much of
/// something there is now.
enum class MetricKind { kCounter, kGauge };
/// What the growth of a counter in the window is divided by.
enum class Per { kRequest, kSecond };
/// Where the values of a declared metric come from.
enum class MetricSource { kSql, kHttpJson, kPrometheus, kLog };

template <typename Word>
struct Words;
template <>
struct Words<TrialStatus> {
  static constexpr std::array<std::string_view, 5> kAll{"ok", "failed", "invalid", "interrupted",
                                                        "superseded"};
};
template <>
struct Words<CellStatus> {
  static constexpr std::array<std::string_view, 3> kAll{"planned", "ok", "failed"};
};
template <>
struct Words<Outcome> {
  static constexpr std::array<std::string_view, 4> kAll{"completed", "out_of_time", "interrupted",
                                                        "failed"};
};
template <>
struct Words<Verdict> {
  static constexpr std::array<std::string_view, 5> kAll{"improved", "regressed", "no_change",
                                                        "inconclusive", "incomparable"};
};
template <>
struct Words<Decision> {
  static constexpr std::array<std::string_view, 3> kAll{"confirmed", "refuted", "inconclusive"};
};
template <>
struct Words<PeakSource> {
  static constexpr std::array<std::string_view, 2> kAll{"log", "samples"};
};
template <>
struct Words<ReadyBy> {
  static constexpr std::array<std::string_view, 4> kAll{"header", "connections", "settle",
                                                        "first_answer"};
};
template <>
struct Words<Stopped> {
  static constexpr std::array<std::string_view, 5> kAll{"blocks", "precision", "max_blocks",
                                                        "noisy_environment", "max_time"};
};
template <>
struct Words<Better> {
  static constexpr std::array<std::string_view, 3> kAll{"lower", "higher", "neither"};
};
template <>
struct Words<MetricKind> {
  static constexpr std::array<std::string_view, 2> kAll{"counter", "gauge"};
};
template <>
struct Words<BudgetOf> {
  static constexpr std::array<std::string_view, 2> kAll{"worker", "latency"};
};
template <>
struct Words<Per> {
  static constexpr std::array<std::string_view, 2> kAll{"request", "second"};
};
template <>
struct Words<MetricSource> {
  static constexpr std::array<std::string_view, 4> kAll{"sql", "http_json", "prometheus", "log"};
};

/// An enumeration that has a table of words.
template <typename Word>
concept AWord = requires { Words<Word>::kAll.size(); };

template <AWord Word>
constexpr std::string_view word_of(Word word) {
  return Words<Word>::kAll[static_cast<std::size_t>(word)];
}

/// None for a text that is no such word.
template <AWord Word>
constexpr std::optional<Word> word_from(std::string_view text) {
  for (std::size_t i = 0; i < Words<Word>::kAll.size(); ++i) {
    if (Words<Word>::kAll[i] == text) return static_cast<Word>(i);
  }
  return std::nullopt;
}

/// "ok, failed or invalid", for messages.
template <AWord Word>
std::string words_text() {
  std::string text;
  for (std::size_t i = 0; i < Words<Word>::kAll.size(); ++i) {
    if (i > 0) text += i + 1 == Words<Word>::kAll.size() ? " or " : ", ";
    text += Words<Word>::kAll[i];
  }
  return text;
}

}  // namespace poolbench::report
