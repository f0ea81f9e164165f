// A process of its own for what must not see the memory of this one: this program again, which
// answers questions of one byte with a number.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

namespace cow::bench {

class Helper {
 public:
  // The words after the option, which main() gives to the function that knows them.
  explicit Helper(const std::string& words);
  ~Helper();
  Helper(const Helper&) = delete;
  Helper& operator=(const Helper&) = delete;
  double ask(char question) const;

 private:
  pid_t helper_ = 0;
  int ask_ = -1, answer_ = -1;
};

inline const std::string kHelperOption = "--helper=";

// The helper's side: answers until nobody asks any more.
int answer_questions(const std::function<double(char)>& answer);

// "kernel BYTES" and "metadata MACHINE PROCESSES PAGES"; the exit code.
int kernel_helper(const std::string& words);
int metadata_helper(const std::string& words);

class Pipe {
 public:
  Pipe();
  int out() const { return ends_[0]; }
  int in() const { return ends_[1]; }

 private:
  int ends_[2] = {-1, -1};
};
void send(int to, const void* what, std::size_t size);
bool receive(int from, void* what, std::size_t size);

}  // namespace cow::bench
