#pragma once

#include "report/fields.h"
#include "report/measurement.h"

// The members of what a generator measures (fields.h).

namespace poolbench::report {

class Reader;
/// Finds out, too, which rule the quantiles follow.
void read_fields(Reader& reader, Quantiles& quantiles);

class JsonPlace;
/// Reads the members of what a generator measured. `warnings`: the name of its own there.
void read_measurement(const JsonPlace& place, Measurement& measurement, std::string_view warnings);

/// p95 came with the rule that ten answers beyond a quantile are enough.
inline bool is_unknown_to(const Quantiles& quantiles, const NamedQuantile& quantile) {
  return quantile.member == &Quantiles::p95 && quantiles.answers_beyond != kAnswersBeyond;
}

template <typename Io, Of<Quantiles> T>
void fields(Io& io, T& quantiles) {
  io({.name = "count", .meaning = "good answers"}, quantiles.count);
  io({.name = "mean", .meaning = "", .range = kAmount}, quantiles.mean);
  for (const NamedQuantile& each : named_quantiles()) {
    if (is_unknown_to(quantiles, each)) continue;
    io({.name = each.name,
        .meaning = "",
        .since = each.member == &Quantiles::p95 ? 2 : 0,
        .range = kAmount},
       quantiles.*each.member);
  }
  io({.name = "max", .meaning = "", .range = kAmount}, quantiles.max);
}

template <typename Io, Of<Requests> T>
void fields(Io& io, T& requests) {
  io({.name = "sent",
      .meaning = "those that began within the window, whenever their answer came: `ok` + Σ "
                 "`errors`, exactly"},
     requests.sent);
  io({.name = "ok", .meaning = "good answers"}, requests.ok);
  io({.name = "errors", .meaning = "by class"}, requests.errors);
  io({.name = "carried_over",
      .meaning = "worked on within the window but not measured, from the warm-up or from before "
                 "and after the slices"},
     requests.carried_over);
  io({.name = "retried_on_fresh_connection",
      .meaning = "those of `sent` that a kept connection lost, since the server had closed it, and "
                 "that were sent once more; null if the generator does not tell",
      .since = 2},
     requests.retried_on_fresh_connection);
  io({.name = "ended_in_window",
      .meaning = "those that ended within the window, whatever became of them and whenever they "
                 "began (in turns: all that ended since the first slice began); null if the "
                 "generator does not tell, absent in reports written before it was counted",
      .since = 2},
     requests.ended_in_window);
}

template <typename Io, Of<EndpointFigures> T>
void fields(Io& io, T& figures) {
  io({.name = "sent", .meaning = "as in `requests`"}, figures.sent);
  io({.name = "ok", .meaning = "good answers"}, figures.ok);
  io({.name = "errors", .meaning = "by class"}, figures.errors);
  io({.name = "throughput_requests_per_second",
      .meaning = "good answers that arrived within the window ÷ `measured_seconds`",
      .range = kAmount},
     figures.throughput_requests_per_second);
  io({.name = "latency_us", .meaning = "as the trial's"}, figures.latency_us);
}

/// `warnings`: the name of the generator's own, which a trial keeps apart from its others.
template <typename Io, Of<Measurement> T>
void fields(Io& io, T& measured, std::string_view warnings) {
  io.group({.name = "generator", .meaning = ""}, [&](auto& inner) {
    inner({.name = "name", .meaning = ""}, measured.generator);
    inner({.name = "version", .meaning = ""}, measured.generator_version);
  });
  io({.name = "loop", .meaning = "`closed` or `open`", .pattern = "^(closed|open)$"},
     measured.loop);
  io({.name = "measured_seconds",
      .meaning = "the length of the measured window; of a number of requests, from the first one "
                 "sent to the last one answered; in turns the sum of the cell's slices",
      .range = kAmount},
     measured.measured_seconds);
  io({.name = "requests", .meaning = ""}, measured.requests);
  io({.name = "throughput_requests_per_second",
      .meaning = "good answers that *arrived* within the window (in turns: within slices) ÷ "
                 "`measured_seconds`: Σ `series.requests` ÷ `measured_seconds`, which is not `ok` "
                 "÷ `measured_seconds`, since what is under way at the window's start and end "
                 "counts where it ends. A generator without `series` does not tell when its "
                 "answers arrived: `ok` ÷ `measured_seconds`",
      .range = kAmount},
     measured.throughput_requests_per_second);
  io({.name = "latency_us",
      .meaning = "of good answers; a quantile q is null unless `count` · (1 − q) ≥ 10 (before 1.2: "
                 "100; `p50` is there from the first answer on), and where the generator's own "
                 "delay could explain more than a tenth of it "
                 "([method.md](method.md#when-the-generator-was-the-limit))"},
     measured.latency_us);
  io({.name = "latency_hdr_v2_base64",
      .meaning = "the whole histogram, HdrHistogram V2, compressed"},
     measured.latency_hdr_v2_base64);
  io({.name = "connect_us", .meaning = "as `latency_us`"}, measured.connect_us);
  io({.name = "time_to_first_byte_us", .meaning = "as `latency_us`"},
     measured.time_to_first_byte_us);
  io.group({.name = "series", .meaning = ""}, [&](auto& inner) {
    inner({.name = "interval_ms", .meaning = "", .range = kFromOne}, measured.series_interval_ms);
    inner({.name = "requests", .meaning = "good answers in each interval, by arrival"},
          measured.series_requests);
  });
  io({.name = "endpoints",
      .meaning = "the same figures of each endpoint of `load.mix`, by name; absent where there is "
                 "one endpoint, or where the generator does not tell",
      .since = 2,
      .presence = Presence::kOmitted},
     measured.endpoints);
  io({.name = "statuses", .meaning = "answers by HTTP status"}, measured.statuses);
  io({.name = "bytes_received", .meaning = ""}, measured.bytes_received);
  io({.name = "generator_cpu_seconds", .meaning = "", .range = kAmount},
     measured.generator_cpu_seconds);
  io({.name = "generator_peak_rss_bytes", .meaning = ""}, measured.generator_peak_rss_bytes);
  io({.name = "generator_delay_ratio",
      .meaning = "what waiting for a processor could explain of the mean latency; null without "
                 "good answers, or where the generator does not tell",
      .since = 2,
      .range = kShare},
     measured.generator_delay_ratio);
  io({.name = "generator_limited",
      .meaning = "the rate says what the generator could offer, not what the target could serve"},
     measured.generator_limited);
  io({.name = "generator_limited_reasons", .meaning = ""}, measured.generator_limited_reasons);
  io({.name = warnings, .meaning = ""}, measured.warnings);
  io({.name = "first_error",
      .meaning = "the first bad answer or failure in words; empty if there was none"},
     measured.first_error);
  io({.name = "details",
      .meaning = "anything more that the generator tells. `details.tags`: what its latencies mean: "
                 "`coordinated_omission` (what becomes of requests that a stall keeps from being "
                 "sent: `omitted`, `backfilled` or `none`), `includes_connect`, `resolution_us`, "
                 "`sample_cap`, `errors_in_latency`, `checks` "
                 "([load-generators.md](load-generators.md)). `details.own_delays_us` (1.2): how "
                 "long the generator itself kept requests waiting, as quantiles: `lateness` (open "
                 "loop, from the plan to its taking them up) and `run_delay` (an answer, until the "
                 "generator had a processor)"},
     measured.details);
}

}  // namespace poolbench::report
