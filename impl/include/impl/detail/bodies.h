// Every body of BasicMachine. Include this to instantiate it for a build of one's own; whoever uses
// `Machine` needs impl/machine.h alone.
#pragma once

#include "impl/detail/access.h"
#include "impl/detail/check.h"
#include "impl/detail/fault.h"
#include "impl/detail/folio.h"
#include "impl/detail/fork.h"
#include "impl/detail/gup.h"
#include "impl/detail/huge.h"
#include "impl/detail/lock.h"
#include "impl/detail/migrate.h"
#include "impl/detail/protect.h"
#include "impl/detail/reclaim.h"
#include "impl/detail/remap.h"
#include "impl/detail/share.h"
#include "impl/detail/share_fork.h"
#include "impl/detail/steps.h"
#include "impl/detail/swap.h"
#include "impl/detail/uffd.h"
#include "impl/detail/view.h"
#include "impl/detail/wp.h"
#include "impl/detail/zap.h"
