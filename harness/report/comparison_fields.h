#pragma once

#include "report/comparison.h"
#include "report/fields.h"

// The members of comparisons and of verdicts on hypotheses (fields.h).

namespace poolbench::report {

template <typename Io, Of<PartDifference> T>
void fields(Io& io, T& part) {
  io({.name = "part", .meaning = "of a trial's `budget`; `unexplained_us` is the last"}, part.part);
  io({.name = "difference_us", .meaning = "candidate − baseline, Hodges–Lehmann"},
     part.difference_us);
  io({.name = "ci_low", .meaning = "of the 95 % interval"}, part.ci_low);
  io({.name = "ci_high", .meaning = "of the 95 % interval"}, part.ci_high);
}

template <typename Io, Of<Explanation> T>
void fields(Io& io, T& explanation) {
  io({.name = "text", .meaning = "in a sentence; empty where the numbers do not carry one"},
     explanation.text);
  io({.name = "of", .meaning = "as of a trial's `budget`"}, explanation.of);
  io({.name = "difference_us", .meaning = "of the whole: candidate − baseline, Hodges–Lehmann"},
     explanation.difference_us);
  io({.name = "ci_low", .meaning = "of the 95 % interval"}, explanation.ci_low);
  io({.name = "ci_high", .meaning = "of the 95 % interval"}, explanation.ci_high);
  io({.name = "parts", .meaning = "that both cells know"}, explanation.parts);
}

template <typename Io, Of<ComparisonResult> T>
void fields(Io& io, T& comparison) {
  io({.name = "name", .meaning = ""}, comparison.name);
  io({.name = "metric", .meaning = ""}, comparison.metric);
  io({.name = "baseline", .meaning = "cell id"}, comparison.baseline);
  io({.name = "candidate", .meaning = "cell id"}, comparison.candidate);
  io({.name = "n", .meaning = "paired blocks", .range = kAmount}, comparison.n);
  io({.name = "ratio", .meaning = "candidate ÷ baseline", .range = kAmount}, comparison.ratio);
  io({.name = "ci_low", .meaning = "of the 95 % interval", .range = kAmount}, comparison.ci_low);
  io({.name = "ci_high", .meaning = "of the 95 % interval", .range = kAmount}, comparison.ci_high);
  io({.name = "p_adjusted",
      .meaning = "Benjamini and Hochberg, over all comparisons",
      .range = kShare},
     comparison.p_adjusted);
  io({.name = "margin",
      .meaning = "relative change below which a difference is of no interest",
      .range = kAmount},
     comparison.margin);
  io({.name = "published_ratio", .meaning = "by the scenario's references", .range = kAmount},
     comparison.published_ratio);
  io({.name = "verdict", .meaning = ""}, comparison.verdict);
  io({.name = "reason", .meaning = "of `inconclusive` and `incomparable`"}, comparison.reason);
  io({.name = "explanation",
      .meaning = "of rates, latencies and the time budget: which parts of the budget make the "
                 "difference, in µs per request, paired by block; from six blocks on",
      .since = 2,
      .presence = Presence::kOmitted},
     comparison.explanation);
}

template <typename Io, Of<CellEvidence> T>
void fields(Io& io, T& evidence) {
  io({.name = "cell", .meaning = "cell id"}, evidence.cell);
  io({.name = "n", .meaning = "trials", .range = kAmount}, evidence.n);
  io({.name = "estimate", .meaning = "Hodges–Lehmann"}, evidence.estimate);
  io({.name = "ci_low", .meaning = "null below six trials"}, evidence.ci_low);
  io({.name = "ci_high", .meaning = ""}, evidence.ci_high);
  io({.name = "verdict", .meaning = ""}, evidence.verdict);
  io({.name = "note", .meaning = ""}, evidence.note);
}

template <typename Io, Of<PairEvidence> T>
void fields(Io& io, T& evidence) {
  io({.name = "baseline", .meaning = "cell id"}, evidence.baseline);
  io({.name = "candidate", .meaning = "cell id"}, evidence.candidate);
  io({.name = "n", .meaning = "paired blocks", .range = kAmount}, evidence.n);
  io({.name = "ratio", .meaning = "candidate ÷ baseline", .range = kAmount}, evidence.ratio);
  io({.name = "confidence",
      .meaning = "of the interval; absent without a ratio",
      .range = kShare,
      .presence = Presence::kOmitted},
     evidence.confidence);
  io({.name = "ci_low", .meaning = "null below six blocks", .range = kAmount}, evidence.ci_low);
  io({.name = "ci_high", .meaning = "", .range = kAmount}, evidence.ci_high);
  io({.name = "verdict", .meaning = ""}, evidence.verdict);
  io({.name = "note", .meaning = ""}, evidence.note);
}

template <typename Io, Of<Evidence> T>
void fields(Io& io, T& evidence) {
  using enum Presence;
  if (!Io::kWrites || evidence.fails_with.empty()) {
    io({.name = "metric", .meaning = "", .presence = kMayLack}, evidence.metric);
  }
  io({.name = "fails_with",
      .meaning = "of a claim that cells fail: words of the failure",
      .since = 2,
      .presence = kOmitted},
     evidence.fails_with);
  io({.name = "at_least", .meaning = "", .presence = kMayLack}, evidence.at_least);
  io({.name = "at_most", .meaning = "", .presence = kMayLack}, evidence.at_most);
  if (!Io::kWrites || evidence.pairs.empty()) {
    io({.name = "cells", .meaning = "of a claim about values", .presence = kMayLack},
       evidence.cells);
  }
  io({.name = "pairs", .meaning = "of a claim about ratios", .presence = kOmitted}, evidence.pairs);
}

template <typename Io, Of<HypothesisResult> T>
void fields(Io& io, T& hypothesis) {
  io({.name = "claim", .meaning = "in the scenario's words"}, hypothesis.claim);
  io({.name = "verdict", .meaning = ""}, hypothesis.verdict);
  io({.name = "evidence", .meaning = "`cells` or `pairs`"}, hypothesis.evidence);
}

}  // namespace poolbench::report
