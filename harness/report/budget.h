#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "report/report.h"

// Where a request's time goes: the parts of it that are measured, and what is left
// (docs/method.md#where-a-requests-time-goes).

namespace poolbench::report {

/// What a trial does not tell by itself of its cell.
struct BudgetRules {
  int connections = 0;     ///< of the load
  bool open_loop = false;  ///< a rate is offered
  bool is_direct = true;   ///< nothing stands between the target and PostgreSQL
  /// Something on the way to PostgreSQL shares its sessions out: the application's own are not
  /// counted. Its name; empty: nothing does.
  std::string pooler;
  /// That the target works on at once, as its file says.
  std::optional<double> serves_at_once;
  /// How long requests wait for a connection of the application's own pool.
  struct ConnectionWait {
    bool is_declared = false;  ///< else nothing tells whether it has one
    bool has_none = false;     ///< it has no pool with these parameters
    std::string metric;        ///< of the trial's declared ones
    double us_per_unit = 1;
  } connection_wait;
  /// The same of the poolers on the way, which come on top.
  struct PoolerWait {
    std::string metric;
    double us_per_unit = 1;
  };
  std::vector<PoolerWait> pooler_waits;
};

/// The budget of a trial that has a measurement. What of it is null is in `missing`
/// ("budget.query_us") with its reason. kFailed with the reason where there is none.
base::Result<Budget> budget_of(const Trial& trial, const BudgetRules& rules, Reasons& missing);

/// A part of the budget, as everything that goes through them all reads it.
struct BudgetPart {
  const char* member;  ///< "connect_us"
  const char* words;   ///< in a sentence: "connecting"
  const char* title;   ///< of a column: "connect"
  std::optional<double> Budget::* value;
};
/// All but the unexplained one, in the order in which they are shown.
inline constexpr std::array<BudgetPart, 7> kBudgetParts{
    {{"connect_us", "connecting", "connect", &Budget::connect_us},
     {"connection_wait_us", "waiting for a connection", "wait for connection",
      &Budget::connection_wait_us},
     {"query_us", "queries", "queries", &Budget::query_us},
     {"round_trip_us", "round trips", "round trips", &Budget::round_trip_us},
     {"application_cpu_us", "application CPU", "application CPU", &Budget::application_cpu_us},
     {"processor_wait_us", "waiting for a processor", "wait for CPU", &Budget::processor_wait_us},
     {"generator_us", "the generator", "generator", &Budget::generator_us}}};

/// The total less all parts that are known.
double unexplained_us(const Budget& budget);

}  // namespace poolbench::report
