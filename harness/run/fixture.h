#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "run/block_runner.h"
#include "scenario/scenario.h"

namespace poolbench::run {

/// For tests: keeps what it is told.
struct KeepingObserver final : Observer {
  void note(const std::string& text) override { notes.push_back(text); }
  void trial_started(const TrialSpec& trial, const Outlook& outlook) override {
    started.push_back(trial);
    outlooks.push_back(outlook);
  }
  void phase_started(const std::string& phase) override { phases.push_back(phase); }
  void under_load() override {}
  void trial_finished(const report::Trial& trial) override { finished.push_back(trial); }

  std::vector<std::string> notes, phases;
  std::vector<TrialSpec> started;
  std::vector<Outlook> outlooks;
  std::vector<report::Trial> finished;
};

/// A cell whose endpoint uses the database, or does not.
inline scenario::Cell cell_using_database(bool database) {
  auto spec = std::make_shared<scenario::TargetSpec>();
  spec->endpoints["query"].database = database;
  scenario::Cell cell;
  cell.target.spec = std::move(spec);
  cell.target.endpoint = "query";
  return cell;
}

}  // namespace poolbench::run
