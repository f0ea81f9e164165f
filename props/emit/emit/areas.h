// Which kind of mapping each name of each process stands for, as the steps go by.
#pragma once

#include <map>
#include <utility>

#include "cow/step.h"

namespace cow::emit {

class Areas {
 public:
  // A step that worked.
  void take(const Step& step);
  // The map step of the name, or of what was moved to it; nullptr where the process has none.
  [[nodiscard]] const Step* find(Pid process, Region region) const;
  [[nodiscard]] bool is_file(Pid process, Region region) const;

 private:
  void move(const Step& remap);

  std::map<std::pair<Pid, Region>, Step> mapped_;
};

}  // namespace cow::emit
