#pragma once

#include <string>
#include <vector>

namespace poolbench::page {

/// A mark of an axis: where it lies, in per cent of the picture, and what it says.
struct Tick {
  double value = 0;
  double at = 0;
  std::string label;
};

/// Where values lie on a picture, in per cent of its width or height, and the marks that its labels
/// have room for. The lowest and the highest value keep a little distance from the edges.
class Axis {
 public:
  /// Marks of 1, 2 and 5 times powers of ten, or finer or coarser ones. `low` and `high` are above
  /// 0. `pixels`: how wide the picture is drawn at least. `before` stands before every label.
  static Axis logarithmic(double low, double high, int pixels, const std::string& before = {});
  /// From 0 to `high` or a little more.
  static Axis from_zero(double high, int pixels);

  [[nodiscard]] double at(double value) const;
  [[nodiscard]] const std::vector<Tick>& ticks() const { return ticks_; }

 private:
  Axis(double low, double high, bool is_logarithmic, double first, double last);
  /// Whether the labels of all values stand apart; then they are the marks.
  bool take(const std::vector<double>& values, int pixels, const std::string& before);

  double low_, high_;
  bool is_logarithmic_;
  double first_, last_;  ///< per cent at low and high
  std::vector<Tick> ticks_;
};

}  // namespace poolbench::page
