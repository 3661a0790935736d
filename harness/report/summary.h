#pragma once

#include <optional>
#include <set>
#include <string>

#include "report/report.h"

// A latency quantile of a cell. Its estimate rests on the trials' own quantiles, and is given only
// where every good trial has one: a mean of those that do would be one of the faster trials. Else
// the quantile of all their answers together stands in its place, without an interval.

namespace poolbench::report {

/// Why not every good trial has the quantile, and the setting that would do if they are too short:
/// "a trial has 412 answers, p99 needs 1000; load.measure = \"8s\" would do". Empty if every one
/// has, if there is no good trial, and before schema 1.2: then the trials that had a quantile were
/// enough for an estimate, and nothing stood in its place. With an endpoint, of its answers alone.
std::string why_no_estimate(const CellReport& cell, const NamedQuantile& quantile,
                            const std::string& endpoint = {});

/// The setting that would give every trial the quantile: `load.measure = "8s"`, or `load.requests =
/// 1000`. Empty if it is not for want of answers that a trial has none.
std::string remedy(const CellReport& cell, const NamedQuantile& quantile,
                   const std::string& endpoint = {});

/// The quantiles of all answers of the cell's good trials together, from the trials' histograms.
/// None without a good trial, and where one has no histogram.
std::optional<Quantiles> pooled_quantiles(const CellReport& cell);

/// What takes the place of an estimate.
struct Pooled {
  std::optional<double> value_us;  ///< the quantile of all answers together
  /// Without a value, since the generator's own waiting could explain too much of it: what it is at
  /// most, that waiting included.
  std::optional<double> at_most_us;
  std::string reason;  ///< why_no_estimate(), and without a value why there is none either
};
/// `all`: the cell's pooled_quantiles(). There is no value where a trial has answers enough for a
/// quantile of its own and does not tell it: whatever spoils it there spoils the whole.
Pooled pooled_instead(const CellReport& cell, const NamedQuantile& quantile,
                      const std::optional<Quantiles>& all);

/// The largest peak of all blocks, since that is what the server must bear.
struct Peak {
  std::int64_t connections = 0;
  bool sampled = false;   ///< there may have been more between samples
  std::size_t trial = 0;  ///< the first one that has it
};
/// Empty where no trial that counts knows its peak.
std::optional<Peak> peak_of(const CellReport& cell);

/// The endpoints of a mix of which the cell's trials have figures; empty where there is one.
std::set<std::string> endpoints_in(const CellReport& cell);
/// Those of the services that its trials had.
std::set<std::string> services_in(const CellReport& cell);

}  // namespace poolbench::report
