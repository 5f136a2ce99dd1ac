package dev.maestro.engine;

import dev.maestro.policy.Account;
import dev.maestro.policy.Budget;
import dev.maestro.policy.LedgerAccount;
import dev.maestro.policy.LedgerEntry;
import dev.maestro.policy.SharedBudgets;
import dev.maestro.policy.SharedGrant;
import dev.maestro.run.BudgetAbove;
import dev.maestro.run.LedgerLine;
import dev.maestro.store.BlobId;
import dev.maestro.store.RecordKey;
import dev.maestro.store.RecordWrite;
import dev.maestro.store.Store;
import dev.maestro.store.VersionedRecord;
import dev.maestro.task.Amount;
import dev.maestro.task.Cap;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.Tenant;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The budgets that runs share: how they stand, and what each run has done to them. Confined to the
 * loop.
 *
 * <p>Each run has a record of its own on each account, written in the commit that has its events:
 * what was not committed was not spent. An account is the sum of its records. One more record is
 * written with each change of an account, so that of two engines on a store none changes it without
 * having seen what the other did.
 */
final class Ledger {

  /** The kind of record. */
  static final String NAMESPACE = "budget/";

  /** The account of everything. */
  static final String APPLICATION = "application";

  private static final String DAY = "day-";
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
  // no run can be called so
  private static final String GRANTED = "+granted";
  private static final String TURN = "+turn";
  private static final byte[] NOTHING = "{}".getBytes(StandardCharsets.UTF_8);
  private static final String ENDED = LedgerAccount.ENDED;

  private final Store store;
  private final SharedBudgets budgets;
  private final Map<RecordKey, Kept> entries = new HashMap<>();
  private final Map<String, Sum> sums = new HashMap<>();
  private final Waiters waiters;

  /** What a run has done to an account, and which version of its record says so. */
  private record Kept(LedgerEntry entry, long version) {}

  /** An account. */
  private record Named(Tenant tenant, String name) {
    @Override
    public String toString() {
      return tenant + "/" + name;
    }
  }

  /** What all runs together have done to an account. */
  private static final class Sum {
    private Amount spent = Amount.NONE;
    private Amount reserved = Amount.NONE;
    private Cap granted = Cap.NONE;
    // the lines of it with attempts that were cut off and may still tell
    private final Map<RecordKey, LedgerEntry> open = new HashMap<>();
    // of its record that is written with each change, and how many commits of this turn do
    private final RecordKey turn;
    private long version;
    private int ahead;

    Sum(RecordKey turn) {
      this.turn = turn;
    }

    void replace(RecordKey key, LedgerEntry before, LedgerEntry after) {
      if (after.tells().isEmpty()) {
        open.remove(key);
      } else {
        open.put(key, after);
      }
      spent = spent.plus(after.spent()).minus(before.spent());
      reserved = reserved.plus(after.reservedInAll()).minus(before.reservedInAll());
    }

    Amount mayComeIn(Instant now) {
      return open.values().stream()
          .map(one -> one.mayComeIn(now))
          .reduce(Amount.NONE, Amount::plus);
    }

    @Nullable Instant settles(Instant now) {
      return open.values().stream()
          .flatMap(one -> one.settles(now).stream())
          .max(Comparator.naturalOrder())
          .orElse(null);
    }
  }

  Ledger(Store store, SharedBudgets budgets, Waiters waiters) {
    this.store = store;
    this.budgets = budgets;
    this.waiters = waiters;
  }

  /** {@return what a store holds of all budgets that runs share} */
  static List<LedgerAccount> read(Store store) {
    Map<String, LedgerAccount> accounts = new LinkedHashMap<>();
    for (VersionedRecord record : store.records()) {
      RecordKey key = record.key();
      if (key.namespace().startsWith(NAMESPACE) && !key.key().equals(TURN)) {
        String name = key.namespace().substring(NAMESPACE.length());
        LedgerAccount before =
            accounts.getOrDefault(
                key.tenant() + "/" + name,
                new LedgerAccount(key.tenant(), name, Cap.NONE, Map.of(), List.of()));
        accounts.put(key.tenant() + "/" + name, with(before, record));
      }
    }
    return List.copyOf(accounts.values());
  }

  private static LedgerAccount with(LedgerAccount account, VersionedRecord record) {
    if (record.key().key().equals(GRANTED)) {
      return new LedgerAccount(
          account.tenant(),
          account.name(),
          LedgerJson.cap(record),
          account.runs(),
          LedgerJson.grants(record));
    }
    Map<String, LedgerEntry> runs = new HashMap<>(account.runs());
    runs.put(record.key().key(), LedgerJson.entry(record));
    return new LedgerAccount(
        account.tenant(), account.name(), account.granted(), runs, account.grants());
  }

  // ------------------------------------------------------------------ how they stand

  /** {@return the budgets above a run of this tenant, the innermost first} */
  List<BudgetAbove> above(Tenant tenant, Instant now) {
    if (budgets.isNone()) {
      return List.of();
    }
    List<BudgetAbove> all = new ArrayList<>(2);
    LocalDate day = date(now);
    Instant tomorrow = day.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    budgets
        .dailyOf(tenant)
        .ifPresent(
            budget -> {
              String called = "tenant " + tenant + " on " + day;
              String name = DAY + day;
              all.add(above(called, budget, name, tenant, tomorrow, now));
            });
    Budget application = budgets.application();
    if (application != null) {
      all.add(above("the application", application, APPLICATION, Tenant.DEFAULT, null, now));
    }
    return all;
  }

  /** {@return the name of the account of the day that this moment is in} */
  static String day(Instant now) {
    return DAY + date(now);
  }

  private static LocalDate date(Instant now) {
    return LocalDate.ofInstant(now, ZoneOffset.UTC);
  }

  private BudgetAbove above(
      String called,
      Budget budget,
      String name,
      Tenant tenant,
      @Nullable Instant until,
      Instant now) {
    Sum sum = sum(name, tenant);
    Account account = new Account(called, budget, sum.granted, sum.spent, sum.reserved);
    return new BudgetAbove(name, account, until, sum.mayComeIn(now), sum.settles(now));
  }

  private Sum sum(String name, Tenant tenant) {
    return sums.computeIfAbsent(new Named(tenant, name).toString(), first -> load(name, tenant));
  }

  private Sum load(String name, Tenant tenant) {
    Sum sum = new Sum(new RecordKey(tenant, NAMESPACE + name, TURN));
    for (VersionedRecord record : store.records(tenant, NAMESPACE + name)) {
      if (record.key().key().equals(GRANTED)) {
        sum.granted = LedgerJson.cap(record);
      } else if (record.key().key().equals(TURN)) {
        sum.version = record.version();
      } else {
        LedgerEntry entry = LedgerJson.entry(record);
        entries.put(record.key(), new Kept(entry, record.version()));
        sum.replace(record.key(), LedgerEntry.NONE, entry);
      }
    }
    return sum;
  }

  /** See what other engines have done: an account that has changed is read anew. */
  void heed() {
    sums.entrySet()
        .removeIf(
            one -> {
              boolean outdated = isOutdated(one.getValue());
              if (outdated) {
                waiters.madeRoom(one.getKey());
              }
              return outdated;
            });
  }

  private boolean isOutdated(Sum sum) {
    return sum.version != store.record(sum.turn).map(VersionedRecord::version).orElse(0L);
  }

  // ------------------------------------------------------------------ what runs do to them

  /** Take in what a decision has changed; written with the events of the run. */
  void take(RunKey run, Batch.Part part, List<LedgerLine> lines, Instant now) {
    for (LedgerLine line : lines) {
      boolean brought = line.kind() == LedgerLine.Kind.BROUGHT;
      for (String account : brought ? names(run.tenant(), now) : line.accounts()) {
        take(run, part, account, line);
      }
    }
  }

  /** {@return the names of the accounts above a run of this tenant, the innermost first} */
  private List<String> names(Tenant tenant, Instant now) {
    return above(tenant, now).stream().map(BudgetAbove::name).toList();
  }

  private void take(RunKey run, Batch.Part part, String account, LedgerLine line) {
    Tenant tenant = owner(account, run);
    Sum sum = sum(account, tenant);
    RecordKey key = key(run, tenant, account);
    Kept kept = kept(key);
    LedgerEntry after = after(kept.entry(), line);
    if (!after.equals(kept.entry())) {
      if (line.launch() != null && line.kind() != LedgerLine.Kind.RESERVED) {
        waiters.madeRoom(new Named(tenant, account).toString());
      }
      sum.replace(key, kept.entry(), after);
      entries.put(key, new Kept(after, kept.version()));
      part.writes(key);
    }
  }

  private static LedgerEntry after(LedgerEntry entry, LedgerLine line) {
    return switch (line.kind()) {
      case RESERVED -> entry.reserve(line.attempt(), line.amount());
      case PRESUMED -> entry.presume(line.attempt(), line.amount(), line.until());
      case SETTLED, GIVEN_BACK, CORRECTED -> entry.settle(line.attempt(), line.amount());
      case BROUGHT ->
          entry.reserve(line.attempt(), Amount.NONE).settle(line.attempt(), line.amount());
    };
  }

  private Kept kept(RecordKey key) {
    return entries.computeIfAbsent(key, this::read);
  }

  private Kept read(RecordKey key) {
    Optional<VersionedRecord> record = store.record(key);
    return record
        .map(one -> new Kept(LedgerJson.entry(one), one.version()))
        .orElse(new Kept(LedgerEntry.NONE, 0));
  }

  /** Names of tenants and runs may be longer together than a record's key. */
  private static RecordKey key(RunKey run, Tenant tenant, String account) {
    String key =
        tenant.equals(run.tenant())
            ? run.run().value()
            : BlobId.of(run.toString().getBytes(StandardCharsets.UTF_8)).hex();
    return new RecordKey(tenant, NAMESPACE + account, key);
  }

  // ------------------------------------------------------------------ the commit

  /** {@return what is to be written of a run} */
  List<RecordWrite> writes(Iterable<RecordKey> keys) {
    List<RecordWrite> writes = new ArrayList<>();
    for (RecordKey key : keys) {
      Kept kept = kept(key);
      writes.add(new RecordWrite(key, kept.version(), LedgerJson.write(kept.entry())));
    }
    accounts(keys).forEach(name -> writes.add(turn(name)));
    return writes;
  }

  /** Each commit of a turn finds the record as the one before it leaves it. */
  private RecordWrite turn(Named name) {
    Sum sum = sum(name.name(), name.tenant());
    RecordWrite write = new RecordWrite(sum.turn, sum.version + sum.ahead, NOTHING);
    sum.ahead++;
    return write;
  }

  /** These are written. */
  void written(Iterable<RecordKey> keys) {
    for (RecordKey key : keys) {
      entries.computeIfPresent(key, (same, kept) -> new Kept(kept.entry(), kept.version() + 1));
    }
    for (Named name : accounts(keys)) {
      Sum sum = sums.get(name.toString());
      if (sum != null) {
        sum.version++;
        sum.ahead--;
      }
    }
  }

  /** These were not written: what stands in the store counts. */
  void forget(Iterable<RecordKey> keys) {
    keys.forEach(entries::remove);
    accounts(keys).forEach(name -> sums.remove(name.toString()));
  }

  private static Set<Named> accounts(Iterable<RecordKey> keys) {
    Set<Named> all = new LinkedHashSet<>();
    for (RecordKey key : keys) {
      all.add(new Named(key.tenant(), key.namespace().substring(NAMESPACE.length())));
    }
    return all;
  }

  // ------------------------------------------------------------------ who waits

  /** Have the run told when there may be room on these of the accounts above it. */
  void waits(RunKey run, Set<String> accounts) {
    for (String account : accounts) {
      waiters.add(run, new Named(owner(account, run), account).toString());
    }
  }

  private static Tenant owner(String account, RunKey run) {
    return account.equals(APPLICATION) ? Tenant.DEFAULT : run.tenant();
  }

  // ------------------------------------------------------------------ runs that have ended

  /**
   * {@return what adds the lines of ended runs up into one, account by account; each list is one
   * commit}
   *
   * <p>A line is added up when nothing of its run can change it any more: the run has ended, or is
   * gone, and nobody waits for what a launch of it has used up.
   */
  List<List<RecordWrite>> fold(Set<RecordKey> beingWritten) {
    if (budgets.isNone()) {
      return List.of();
    }
    Map<String, List<VersionedRecord>> accounts = new LinkedHashMap<>();
    for (VersionedRecord record : store.records()) {
      RecordKey key = record.key();
      if (key.namespace().startsWith(NAMESPACE) && isOfRuns(key)) {
        accounts
            .computeIfAbsent(key.tenant() + "/" + key.namespace(), name -> new ArrayList<>())
            .add(record);
      }
    }
    List<List<RecordWrite>> folds = new ArrayList<>();
    accounts.values().forEach(lines -> fold(lines, beingWritten).ifPresent(folds::add));
    return folds;
  }

  private static boolean isOfRuns(RecordKey key) {
    return !key.key().equals(GRANTED) && !key.key().equals(TURN);
  }

  private Optional<List<RecordWrite>> fold(
      List<VersionedRecord> lines, Set<RecordKey> beingWritten) {
    List<RecordWrite> writes = new ArrayList<>();
    LedgerEntry all = LedgerEntry.NONE;
    long version = 0;
    for (VersionedRecord line : lines) {
      LedgerEntry entry = LedgerJson.entry(line);
      if (line.key().key().equals(ENDED)) {
        version = line.version();
        all = all.and(entry);
      } else if (!beingWritten.contains(line.key()) && isAtItsEnd(line.key(), entry)) {
        writes.add(RecordWrite.delete(line.key(), line.version()));
        all = all.and(entry);
      }
    }
    if (writes.isEmpty()) {
      return Optional.empty();
    }
    RecordKey first = lines.get(0).key();
    RecordKey key = new RecordKey(first.tenant(), first.namespace(), ENDED);
    writes.add(new RecordWrite(key, version, LedgerJson.write(all)));
    return Optional.of(writes);
  }

  /** A line that is kept under a hash does not tell whose it is, and is left alone. */
  private boolean isAtItsEnd(RecordKey key, LedgerEntry entry) {
    return entry.isSettled()
        && !HASH.matcher(key.key()).matches()
        && store
            .index(new RunKey(key.tenant(), RunId.of(key.key())))
            .map(index -> !index.open())
            .orElse(true);
  }

  // ------------------------------------------------------------------ grants

  /** {@return what writes down that more is granted on an account, over what stands there} */
  List<RecordWrite> grant(Tenant tenant, String account, SharedGrant more) {
    RecordKey key = new RecordKey(tenant, NAMESPACE + account, GRANTED);
    Optional<VersionedRecord> before = store.record(key);
    Cap granted = before.map(LedgerJson::cap).orElse(Cap.NONE).and(more.more());
    List<SharedGrant> all = new ArrayList<>(before.map(LedgerJson::grants).orElse(List.of()));
    all.add(more);
    List<SharedGrant> newest =
        all.subList(Math.max(0, all.size() - LedgerAccount.GRANTS_KEPT), all.size());
    long version = before.map(VersionedRecord::version).orElse(0L);
    return List.of(
        new RecordWrite(key, version, LedgerJson.write(granted, newest)),
        turn(new Named(tenant, account)));
  }

  /** More may be granted on the account: what stands in the store counts. */
  void granted(Tenant tenant, String account) {
    String name = new Named(tenant, account).toString();
    sums.remove(name);
    waiters.madeRoom(name);
  }
}
