#include "kernel/outcomes.h"

#include "trace/words.h"

namespace cow::kernel {
namespace {

Outcomes of_read(const Access& a, Sight sight) {
  if (sight == Sight::contents)
    return a.file || a.shared ? any_of(Outcome::filled) : any_of(Outcome::zero);
  if (a.before.present || !a.after.present) return 0;
  if (a.after.file) return any_of(Outcome::filled);
  return sees_frames(sight) && !a.zero ? 0 : any_of(Outcome::zero);
}

Outcomes of_private_write(const Access& a, Sight sight) {
  if (sight == Sight::contents)
    return a.file ? any_of(Outcome::copied, Outcome::reused)
                  : any_of(Outcome::fresh, Outcome::copied, Outcome::reused);
  if (!a.after.present) return 0;
  if (!a.before.present) return a.file ? any_of(Outcome::copied) : any_of(Outcome::fresh);
  if (sight == Sight::bits) return any_of(Outcome::copied, Outcome::reused);
  return a.before.frame == a.after.frame ? any_of(Outcome::reused) : any_of(Outcome::copied);
}

}  // namespace

Outcomes outcomes_of(const Access& access, Sight sight) {
  if (access.faults == 0) return any_of(Outcome::hit);
  if (!access.write) return of_read(access, sight);
  return access.shared ? any_of(Outcome::enabled) : of_private_write(access, sight);
}

std::string print(Outcomes set) {
  std::string text;
  unsigned count = 0;
  for (unsigned i = 0; i < trace::kOutcomeWords.size(); ++i) {
    if ((set >> i & 1u) == 0) continue;
    text += (count++ == 0 ? "" : ",") + std::string(trace::kOutcomeWords[i]);
  }
  if (count == 0) return "a fault that no outcome stands for";
  return count == 1 ? text : "{" + text + "}";
}

}  // namespace cow::kernel
