package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.store.BlobId;
import dev.maestro.store.Commit;
import dev.maestro.store.CommitOutcome;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.Lease;
import dev.maestro.store.RecordWrite;
import dev.maestro.store.RunQuery;
import dev.maestro.store.Store;
import dev.maestro.store.StoreSource;
import dev.maestro.store.StoredEvent;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** The contract finds stores that break it, and passes over what a store does not claim. */
class StoreContractTest {

  @Test
  void skipsWhatIsNotDeclaredAndSaysWhy() {
    Verdicts verdicts = Verdicts.of(Modest.class);

    assertThat(verdicts.failed()).isEmpty();
    assertThat(verdicts.skipped())
        .containsEntry("keepsEverythingOverItsClosing()", "the store does not declare REOPENS")
        .containsEntry(
            "keepsWhatAKilledProcessWasToldIsDone()", "the store does not declare SURVIVES_KILL")
        .containsEntry(
            "refusesASecondWhoOpensItAndGoesOn()", "the store does not declare EXCLUSIVE")
        .containsEntry(
            "handsOutNoBlobThatHasChanged()", "the store does not declare DETECTS_DAMAGE")
        .containsEntry(
            "checksEachCommitAgainstWhatOthersWrote()", "the store does not declare SHARED")
        .containsEntry(
            "listsTheRecordsOfAllTenantsSoThatItCanBeCopied()",
            "the store does not declare LISTS_RECORDS")
        .hasSize(7);
    assertThat(verdicts.passed()).contains("separatesTenants()").hasSizeGreaterThan(25);
  }

  @Test
  void findsAStoreThatForgetsWhenItIsClosed() {
    assertThat(Verdicts.of(Forgetful.class).failed()).contains("keepsEverythingOverItsClosing()");
  }

  @Test
  void findsAStoreThatTakesEveryToken() {
    assertThat(Verdicts.of(Unfenced.class).failed())
        .contains("refusesAWriterWithALowerToken()", "fencesOffWithACommitThatHoldsNothingElse()");
  }

  @Test
  void findsAStoreThatWritesHalfACommit() {
    assertThat(Verdicts.of(Half.class).failed()).contains("writesEverythingOfACommitOrNothing()");
  }

  @Test
  void findsAStoreThatReadsInAnotherOrder() {
    assertThat(Verdicts.of(Backwards.class).failed()).contains("numbersEventsFromOneWithoutGaps()");
  }

  @Test
  void findsAStoreThatGivesOneLeaseToTwo() {
    assertThat(Verdicts.of(Generous.class).failed()).contains("givesALeaseToOneOwnerAtATime()");
  }

  @Test
  void findsAStoreThatSaysItListsItsRecordsAndCannot() {
    assertThat(Verdicts.of(Unlisted.class).failed())
        .containsExactly("listsTheRecordsOfAllTenantsSoThatItCanBeCopied()");
  }

  @Test
  void findsAStoreThatTidiesAwayWhatIsNeeded() {
    assertThat(Verdicts.of(Tidy.class).failed()).containsExactly("losesNothingWhenItTidiesUp()");
  }

  @Test
  void findsAStoreThatWritesWhatBelongsToACommitItRefused() {
    String test = "writesNothingOfACommitThatItsTokenOrItsSequenceRefuses";

    assertThat(Verdicts.of(LaxWithTokens.class, test).failed()).containsExactly(test + "()");
    assertThat(Verdicts.of(LaxWithSequences.class, test).failed()).containsExactly(test + "()");
  }

  @Test
  void findsAStoreWhoseThreadsDoNotLookWhatOthersDid() {
    String leases = "givesALeaseToOneOfAllThreadsThatAskAtOnce";
    String records = "letsOnlyOneOfManyWritersChangeAVersionOfARecord";

    assertThat(Verdicts.of(LeasesByThread.class, leases).failed()).containsExactly(leases + "()");
    assertThat(Verdicts.of(RecordsByThread.class, records).failed())
        .containsExactly(records + "()");
  }

  @Test
  void findsAStoreThatCountsTokensForEachKey() {
    String test = "givesEachLeaseAHigherTokenThanAnyBeforeWhateverItsKey";

    assertThat(Verdicts.of(TokensByKey.class, test).failed()).containsExactly(test + "()");
  }

  @Test
  void findsAStoreThatKeepsBlobsInTheArraysOfOthers() {
    String test = "keepsABlobWhateverIsDoneToTheBytesThatWereHandedOver";

    assertThat(Verdicts.of(Borrower.class, test).failed()).containsExactly(test + "()");
  }

  @Test
  void findsAStoreThatOverlooksAConditionOfAQuery() {
    String test = "findsRunsByEachConditionAlone";

    assertThat(Verdicts.of(Overlooking.class, test).failed()).containsExactly(test + "()");
  }

  /** Claims nothing. */
  static class Modest extends StoreContract {
    @Override
    protected Set<Feature> features() {
      return Set.of();
    }

    @Override
    protected StoreSource sourceIn(Path directory) {
      return InMemoryStore.create();
    }
  }

  /** Each opening is another store. */
  static final class Forgetful extends Modest {
    @Override
    protected Set<Feature> features() {
      return Set.of(Feature.REOPENS);
    }

    @Override
    protected StoreSource sourceIn(Path directory) {
      return time -> InMemoryStore.create().open(time);
    }
  }

  /** Commits as if every writer had the highest token. */
  static final class Unfenced extends Modest {
    @Override
    protected StoreSource sourceIn(Path directory) {
      return changed(
          (store, method, arguments) -> {
            if (method.equals("commit")) {
              return store.commit(
                  commits(arguments).stream().map(c -> withToken(c, Long.MAX_VALUE)).toList());
            }
            return null;
          });
    }

    private static Commit withToken(Commit commit, long token) {
      return commit.run() == null
          ? commit
          : new Commit(
              commit.run(),
              commit.expectedSequence(),
              token,
              commit.events(),
              commit.index(),
              commit.records());
    }
  }

  /** Writes the records of a commit that are right although others are not. */
  static final class Half extends Modest {
    @Override
    protected StoreSource sourceIn(Path directory) {
      return changed(
          (store, method, arguments) -> {
            if (method.equals("commit")) {
              for (Commit commit : commits(arguments)) {
                if (commit.records().size() > 1 && !commit.events().isEmpty()) {
                  RecordWrite first = commit.records().get(0);
                  store.commit(List.of(Commit.ofRecords(List.of(first))));
                }
              }
            }
            return null;
          });
    }
  }

  /** Hands out the newest event first. */
  static final class Backwards extends Modest {
    @Override
    protected StoreSource sourceIn(Path directory) {
      return changed(
          (store, method, arguments) -> {
            if (method.equals("read") && arguments.length == 3) {
              List<StoredEvent> events =
                  new ArrayList<>(
                      store.read(
                          (dev.maestro.task.RunKey) arguments[0],
                          (long) arguments[1],
                          (int) arguments[2]));
              Collections.reverse(events);
              return events;
            }
            return null;
          });
    }
  }

  /** Gives every owner what it asks for. */
  static final class Generous extends Modest {
    @Override
    protected StoreSource sourceIn(Path directory) {
      return changed(
          (store, method, arguments) -> {
            if (method.equals("acquire")) {
              store
                  .acquire((String) arguments[0], "nobody", (Duration) arguments[2])
                  .ifPresent(store::release);
              Lease lease =
                  new Lease((String) arguments[0], (String) arguments[1], 1, StoreSamples.NOW);
              return Optional.of(lease);
            }
            return null;
          });
    }
  }

  /** Declares what it has only the default of. */
  static final class Unlisted extends Modest {
    @Override
    protected Set<Feature> features() {
      return Set.of(Feature.LISTS_RECORDS);
    }

    @Override
    protected StoreSource sourceIn(Path directory) {
      return changed((store, method, arguments) -> null);
    }
  }

  /** Takes a record for something to be tidied away. */
  static final class Tidy extends Modest {
    @Override
    protected StoreSource sourceIn(Path directory) {
      return changed(
          (store, method, arguments) -> {
            if (method.equals("maintain")) {
              RecordWrite away = RecordWrite.delete(StoreSamples.key("spent"), 1);
              store.commit(List.of(Commit.ofRecords(List.of(away))));
            }
            return null;
          });
    }
  }

  /** Writes the records of a commit that is fenced off. */
  static final class LaxWithTokens extends Modest {
    @Override
    protected StoreSource sourceIn(Path directory) {
      return changed(
          (store, method, arguments) ->
              method.equals("commit")
                  ? commits(arguments).stream().map(commit -> write(store, commit)).toList()
                  : null);
    }

    private static CommitOutcome write(Store store, Commit commit) {
      CommitOutcome outcome = StoreSamples.commit(store, commit);
      if (outcome instanceof CommitOutcome.Fenced) {
        StoreSamples.commit(store, Commit.ofRecords(commit.records()));
      }
      return outcome;
    }
  }

  /** Looks at the sequence only where there are events to number. */
  static final class LaxWithSequences extends Modest {
    @Override
    protected StoreSource sourceIn(Path directory) {
      return changed(
          (store, method, arguments) ->
              method.equals("commit")
                  ? commits(arguments).stream()
                      .map(commit -> StoreSamples.commit(store, asExpected(store, commit)))
                      .toList()
                  : null);
    }

    private static Commit asExpected(Store store, Commit commit) {
      return commit.run() == null || !commit.events().isEmpty()
          ? commit
          : new Commit(
              commit.run(),
              store.read(commit.run(), 1).size(),
              commit.token(),
              commit.events(),
              commit.index(),
              commit.records());
    }
  }

  /** Each thread knows only the leases that it has given itself. */
  static final class LeasesByThread extends Modest {
    @Override
    protected StoreSource sourceIn(Path directory) {
      return changed(
          (store, method, arguments) -> {
            if (method.equals("acquire")) {
              String key = arguments[0] + Thread.currentThread().getName();
              return store
                  .acquire(key, (String) arguments[1], (Duration) arguments[2])
                  .map(it -> new Lease((String) arguments[0], it.owner(), it.token(), it.until()));
            }
            return null;
          });
    }
  }

  /**
   * Each thread knows only the versions that it has written itself, and takes them for the last.
   */
  static final class RecordsByThread extends Modest {
    @Override
    protected StoreSource sourceIn(Path directory) {
      Map<String, Store> stores = new ConcurrentHashMap<>();
      return changed(
          (store, method, arguments) ->
              method.equals("commit")
                  ? stores
                      .computeIfAbsent(
                          Thread.currentThread().getName(),
                          name -> InMemoryStore.create().open(() -> StoreSamples.NOW))
                      .commit(commits(arguments))
                  : null);
    }
  }

  /** Begins to count anew for each key. */
  static final class TokensByKey extends Modest {
    @Override
    protected StoreSource sourceIn(Path directory) {
      Map<String, Long> tokens = new ConcurrentHashMap<>();
      return changed(
          (store, method, arguments) -> {
            if (method.equals("acquire")) {
              String key = (String) arguments[0];
              return store
                  .acquire(key + tokens, (String) arguments[1], (Duration) arguments[2])
                  .map(
                      it ->
                          new Lease(key, it.owner(), tokens.merge(key, 1L, Long::sum), it.until()));
            }
            return null;
          });
    }
  }

  /** Keeps the array it was given, and hands out the same. */
  static final class Borrower extends Modest {
    @Override
    protected StoreSource sourceIn(Path directory) {
      Map<BlobId, byte[]> kept = new ConcurrentHashMap<>();
      return changed(
          (store, method, arguments) -> {
            if (method.equals("put")) {
              byte[] bytes = (byte[]) arguments[0];
              kept.put(BlobId.of(bytes), bytes);
              return BlobId.of(bytes);
            }
            return method.equals("blob") ? Optional.ofNullable(kept.get(arguments[0])) : null;
          });
    }
  }

  /** Does not look when a run moved to its state. */
  static final class Overlooking extends Modest {
    @Override
    protected StoreSource sourceIn(Path directory) {
      return changed(
          (store, method, arguments) -> {
            if (method.equals("find")) {
              RunQuery query = (RunQuery) arguments[0];
              boolean overlooked = query.equals(RunQuery.all().updatedBefore(updated(query)));
              return overlooked ? store.find(RunQuery.all()) : null;
            }
            return null;
          });
    }

    private static Instant updated(RunQuery query) {
      return query.updatedBefore() == null ? Instant.MAX : query.updatedBefore();
    }
  }

  @FunctionalInterface
  private interface Change {
    /** {@return what the store answers instead, or null for what a sound one does} */
    Object answer(Store store, String method, Object[] arguments);
  }

  @SuppressWarnings("unchecked")
  private static List<Commit> commits(Object[] arguments) {
    return (List<Commit>) arguments[0];
  }

  private static StoreSource changed(Change change) {
    StoreSource source = InMemoryStore.create();
    return time -> {
      Store store = source.open(time);
      return (Store)
          Proxy.newProxyInstance(
              Store.class.getClassLoader(),
              new Class<?>[] {Store.class},
              (proxy, method, arguments) -> {
                Object answer = change.answer(store, method.getName(), arguments);
                if (method.isDefault()) {
                  return java.lang.reflect.InvocationHandler.invokeDefault(
                      proxy, method, arguments);
                }
                try {
                  return answer == null ? method.invoke(store, arguments) : answer;
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
    };
  }
}
