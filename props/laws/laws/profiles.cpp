// What test cases are made of.
#include <algorithm>
#include <cstdlib>

#include "laws/words.h"

namespace cow::laws {
namespace {

struct Weight {
  Choice choice;
  std::uint8_t weight;
};

Profile weighed(std::string_view name, std::initializer_list<Weight> weights) {
  Profile p;
  p.name = name;
  for (const Weight& w : weights) p.weights[static_cast<std::size_t>(w.choice)] = w.weight;
  return p;
}

Profile core() {
  return weighed("core", {{Choice::write, 60},
                          {Choice::read, 40},
                          {Choice::fork, 22},
                          {Choice::exit, 12},
                          {Choice::unmap, 12},
                          {Choice::map, 14},
                          {Choice::dontneed, 8}});
}

Profile files() {
  Profile p = core();
  p.name = "files";
  p.files = true;
  p.weights[static_cast<std::size_t>(Choice::map)] = 24;
  p.weights[static_cast<std::size_t>(Choice::protect)] = 10;
  p.weights[static_cast<std::size_t>(Choice::pin)] = 10;
  p.weights[static_cast<std::size_t>(Choice::ref_write)] = 6;
  p.weights[static_cast<std::size_t>(Choice::unpin)] = 4;
  p.weights[static_cast<std::size_t>(Choice::advise_fork)] = 6;
  return p;
}

Profile protection() {
  Profile p = weighed("protection", {{Choice::write, 50},
                                     {Choice::read, 20},
                                     {Choice::fork, 16},
                                     {Choice::exit, 8},
                                     {Choice::unmap, 6},
                                     {Choice::map, 12},
                                     {Choice::dontneed, 4},
                                     {Choice::protect, 40},
                                     {Choice::protect_back, 16},
                                     {Choice::clear_refs, 10},
                                     {Choice::advise_fork, 20}});
  p.files = true;
  return p;
}

Profile references() {
  return weighed("references", {{Choice::write, 50},
                                {Choice::read, 12},
                                {Choice::fork, 24},
                                {Choice::exit, 10},
                                {Choice::unmap, 10},
                                {Choice::map, 8},
                                {Choice::dontneed, 3},
                                {Choice::protect_back, 10},
                                {Choice::clear_refs, 6},
                                {Choice::pin, 40},
                                {Choice::ref_read, 10},
                                {Choice::ref_write, 20},
                                {Choice::unpin, 10}});
}

Profile force() {
  Profile p = weighed("force", {{Choice::write, 24},
                                {Choice::read, 12},
                                {Choice::fork, 20},
                                {Choice::exit, 10},
                                {Choice::unmap, 6},
                                {Choice::map, 14},
                                {Choice::dontneed, 6},
                                {Choice::protect, 24},
                                {Choice::protect_back, 6},
                                {Choice::force_read, 12},
                                {Choice::force_write, 40},
                                {Choice::pin, 12},
                                {Choice::unpin, 5},
                                {Choice::clear_refs, 5},
                                {Choice::sys_ref, 3},
                                {Choice::sys_unref, 2}});
  p.files = true;
  return p;
}

Profile stray() {
  Profile p = references();
  p.name = "stray";
  p.weights[static_cast<std::size_t>(Choice::sys_ref)] = 24;
  p.weights[static_cast<std::size_t>(Choice::sys_unref)] = 14;
  return p;
}

// References, and pages that go away and come back.
Profile swapped() {
  Profile p = references();
  p.name = "swapped";
  p.weights[static_cast<std::size_t>(Choice::swapout)] = 30;
  return p;
}

Profile failures() {
  Profile p = weighed("failures", {{Choice::write, 44},
                                   {Choice::read, 24},
                                   {Choice::fork, 22},
                                   {Choice::exit, 8},
                                   {Choice::unmap, 6},
                                   {Choice::map, 16},
                                   {Choice::dontneed, 6},
                                   {Choice::protect, 6},
                                   {Choice::pin, 14},
                                   {Choice::unpin, 4},
                                   {Choice::clear_refs, 4},
                                   {Choice::force_write, 4},
                                   {Choice::fail_alloc, 10},
                                   {Choice::fail_and_retry, 36}});
  p.files = true;
  p.few_frames = true;
  return p;
}

// Enough memory, but single allocations fail.
Profile retries() {
  Profile p = failures();
  p.name = "retries";
  p.few_frames = false;
  p.weights[static_cast<std::size_t>(Choice::fail_alloc)] = 0;
  return p;
}

// Memory that goes elsewhere and memory that is locked, among what makes areas split and merge.
Profile moves() {
  Profile p = weighed("moves", {{Choice::write, 44},
                                {Choice::read, 24},
                                {Choice::fork, 18},
                                {Choice::exit, 8},
                                {Choice::unmap, 5},
                                {Choice::map, 16},
                                {Choice::dontneed, 8},
                                {Choice::protect, 22},
                                {Choice::protect_back, 8},
                                {Choice::force_write, 6},
                                {Choice::pin, 8},
                                {Choice::ref_write, 4},
                                {Choice::unpin, 4},
                                {Choice::advise_fork, 8},
                                {Choice::remap, 28},
                                {Choice::lock, 18},
                                {Choice::unlock, 8}});
  p.files = true;
  return p;
}

// Pages that go away and come back, and pages that are merged.
Profile reclaim() {
  Profile p = weighed("reclaim",
                      {{Choice::write, 40},   {Choice::read, 24},         {Choice::fork, 18},
                       {Choice::exit, 8},     {Choice::unmap, 5},         {Choice::map, 14},
                       {Choice::dontneed, 4}, {Choice::protect, 8},       {Choice::force_write, 6},
                       {Choice::pin, 14},     {Choice::ref_write, 6},     {Choice::unpin, 8},
                       {Choice::sys_ref, 3},  {Choice::sys_unref, 3},     {Choice::clear_refs, 2},
                       {Choice::remap, 4},    {Choice::lock, 3},          {Choice::unlock, 3},
                       {Choice::uffd_wp, 12}, {Choice::advise_pages, 12}, {Choice::swapout, 26},
                       {Choice::migrate, 12}, {Choice::ksm, 16}});
  p.files = true;
  return p;
}

// Pages that are given up, and come back, and go.
Profile given_up() {
  Profile p =
      weighed("given_up", {{Choice::write, 40},   {Choice::read, 20},     {Choice::fork, 20},
                           {Choice::exit, 10},    {Choice::unmap, 4},     {Choice::map, 12},
                           {Choice::dontneed, 2}, {Choice::protect, 6},   {Choice::force_write, 5},
                           {Choice::pin, 16},     {Choice::ref_write, 8}, {Choice::unpin, 12},
                           {Choice::sys_ref, 3},  {Choice::sys_unref, 3}, {Choice::clear_refs, 2},
                           {Choice::remap, 4},    {Choice::lock, 3},      {Choice::unlock, 3},
                           {Choice::uffd_wp, 4},  {Choice::swapout, 30},  {Choice::advise_pages, 8},
                           {Choice::migrate, 6},  {Choice::ksm, 6},       {Choice::give_up, 36}});
  p.files = true;
  return p;
}

// … of one page, where what is lost shows soonest.
Profile narrow_given_up() {
  Profile p = weighed("narrow_given_up", {{Choice::write, 16},
                                          {Choice::read, 26},
                                          {Choice::fork, 20},
                                          {Choice::exit, 4},
                                          {Choice::map, 6},
                                          {Choice::pin, 8},
                                          {Choice::unpin, 8},
                                          {Choice::swapout, 44},
                                          {Choice::give_up, 30}});
  p.processes = 3;
  p.regions = 1;
  p.pages = 1;
  return p;
}

// Huge pages: shared, split, held, and moved, as a whole and in parts.
Profile huge() {
  Profile p = weighed(
      "huge", {{Choice::write, 50},        {Choice::read, 20},       {Choice::fork, 22},
               {Choice::exit, 12},         {Choice::unmap, 7},       {Choice::map, 12},
               {Choice::dontneed, 7},      {Choice::protect, 10},    {Choice::protect_back, 8},
               {Choice::force_write, 4},   {Choice::pin, 18},        {Choice::ref_read, 3},
               {Choice::ref_write, 5},     {Choice::unpin, 8},       {Choice::sys_ref, 4},
               {Choice::sys_unref, 4},     {Choice::clear_refs, 3},  {Choice::remap, 7},
               {Choice::lock, 3},          {Choice::unlock, 3},      {Choice::uffd_wp, 5},
               {Choice::advise_pages, 10}, {Choice::advise_fork, 6}, {Choice::swapout, 5},
               {Choice::migrate, 5},       {Choice::ksm, 5},         {Choice::fail_and_retry, 5},
               {Choice::give_up, 6}});
  p.huge = true;
  p.processes = 3;
  p.regions = 2;
  p.pages = 1024;
  p.cost = 20;
  return p;
}

// Hugetlb memory: few pages, which processes take from each other; what is done to a part of one is
// refused, so that most steps mean all of a page.
Profile hugetlb() {
  Profile p = huge();
  p.name = "hugetlb";
  p.weights[static_cast<std::size_t>(Choice::fork)] = 40;
  p.weights[static_cast<std::size_t>(Choice::write)] = 80;
  p.hugetlb = true;
  return p;
}

Profile everything() {
  Profile p =
      weighed("everything",
              {{Choice::write, 40},      {Choice::read, 20},        {Choice::fork, 18},
               {Choice::exit, 9},        {Choice::unmap, 8},        {Choice::map, 14},
               {Choice::dontneed, 6},    {Choice::protect, 14},     {Choice::protect_back, 8},
               {Choice::force_read, 4},  {Choice::force_write, 8},  {Choice::pin, 22},
               {Choice::ref_read, 6},    {Choice::ref_write, 12},   {Choice::unpin, 8},
               {Choice::sys_ref, 6},     {Choice::sys_unref, 5},    {Choice::clear_refs, 6},
               {Choice::advise_fork, 8}, {Choice::fail_alloc, 2},   {Choice::fail_and_retry, 4},
               {Choice::remap, 7},       {Choice::lock, 6},         {Choice::unlock, 3},
               {Choice::uffd_wp, 2},     {Choice::advise_pages, 2}, {Choice::swapout, 3},
               {Choice::migrate, 2},     {Choice::ksm, 2},          {Choice::wild, 8}});
  p.files = true;
  p.few_frames = true;
  return p;
}

// Page-table pages fail too: the specification leaves the lockstep there.
Profile tables() {
  Profile p = everything();
  p.name = "tables";
  p.weights[static_cast<std::size_t>(Choice::fail_table)] = 6;
  return p;
}

// Small worlds, where steps meet soonest: what is looked for from nothing.
Profile narrow(Profile p, std::string_view name) {
  p.name = name;
  p.files = false;
  p.few_frames = false;
  p.processes = 3;
  p.regions = 1;
  p.pages = 1;
  return p;
}

std::vector<Profile> all_profiles() {
  std::vector<Profile> all = {core(),     files(),    protection(), references(), force(),
                              stray(),    failures(), retries(),    moves(),      reclaim(),
                              given_up(), huge(),     hugetlb(),    everything(), tables()};
  all.push_back(narrow(references(), "narrow"));
  all.push_back(narrow(stray(), "narrow_stray"));
  all.push_back(narrow_given_up());
  all.push_back(narrow(swapped(), "narrow_swap"));
  return all;
}

}  // namespace

const std::vector<Profile>& profiles() {
  static const std::vector<Profile> all = all_profiles();
  return all;
}

const Profile& profile(std::string_view name) {
  const auto at = std::find_if(profiles().begin(), profiles().end(),
                               [&](const Profile& p) { return p.name == name; });
  if (at == profiles().end()) std::abort();
  return *at;
}

Profile with_get_rw(Profile p) {
  p.gets_rw = true;
  return p;
}

}  // namespace cow::laws
