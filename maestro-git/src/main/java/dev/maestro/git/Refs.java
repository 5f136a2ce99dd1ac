package dev.maestro.git;

import dev.maestro.failure.TransientException;
import dev.maestro.process.Registration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.errors.IncorrectObjectTypeException;
import org.eclipse.jgit.errors.LockFailedException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.ReflogEntry;
import org.eclipse.jgit.lib.Repository;
import org.jspecify.annotations.Nullable;

/** The repository's refs, moved by compare-and-set only. */
final class Refs {

  private static final ObjectId NONE = ObjectId.zeroId();

  /** One that was made to point at another would move, or delete, that. */
  private static final boolean ITSELF = true;

  /** About a minute, where a lock is asked for by many at once and one of them is unlucky. */
  private static final int MOST_TURNS = 12;

  private final Repository repository;
  private final LockLedger locks;
  private final Supplier<PersonIdent> who;

  Refs(Repository repository, LockLedger locks, Supplier<PersonIdent> who) {
    this.repository = repository;
    this.locks = locks;
    this.who = who;
  }

  /** {@return what the ref points at, if it exists} */
  Optional<ObjectId> get(String ref) {
    return Border.call("read " + ref, () -> Optional.ofNullable(find(ref)).map(Ref::getObjectId));
  }

  /** {@return which other ref this one stands for, if it does} */
  Optional<String> standsFor(String ref) {
    return Border.call(
        "read " + ref,
        () ->
            Optional.ofNullable(find(ref))
                .filter(Ref::isSymbolic)
                .map(symbolic -> symbolic.getTarget().getName()));
  }

  /**
   * JGit looks among the packed refs first, and whoever packs one takes the loose one away
   * afterwards: between the two looks it can be missed. It cannot be twice.
   */
  private @Nullable Ref find(String ref) throws IOException {
    Pipes.requireNone(repository.getCommonDirectory().toPath().resolve(ref));
    Ref found = repository.exactRef(ref);
    return found == null ? repository.exactRef(ref) : found;
  }

  /**
   * {@return a ref that keeps this one from being made, because one is a directory of the other}
   */
  Optional<String> inTheWayOf(String ref) {
    return Border.call(
        "read refs beside " + ref,
        () -> repository.getRefDatabase().getConflictingNames(ref).stream().sorted().findFirst());
  }

  /** Make the ref; {@return whether it is there with this value now} */
  boolean create(String ref, ObjectId value, String log) throws InterruptedException {
    return move(ref, NONE, value, log);
  }

  /**
   * Move the ref if it stands where it is thought to stand.
   *
   * @param log what the branch's log says
   * @return whether it stands at {@code to} now; false when something else has moved it
   */
  boolean move(String ref, ObjectId from, ObjectId to, String log) throws InterruptedException {
    boolean[] moved = new boolean[1];
    change(
        "move " + ref,
        ref,
        () -> {
          RefUpdate update = repository.updateRef(ref, ITSELF);
          update.setExpectedOldObjectId(from);
          update.setNewObjectId(to);
          update.setForceUpdate(true);
          update.setRefLogIdent(who.get());
          update.setRefLogMessage(log, false);
          moved[0] = succeeded(update.update());
          // a locked ref may be free again in a moment; one that moved is another's
          return moved[0] || !get(ref).orElse(NONE).equals(from);
        });
    return moved[0];
  }

  private static boolean succeeded(RefUpdate.Result result) throws IOException {
    return switch (result) {
      case NEW, FORCED, FAST_FORWARD, NO_CHANGE -> true;
      case LOCK_FAILURE, REJECTED -> false;
      default -> throw new IOException("the ref was not moved: " + result);
    };
  }

  /** Delete the ref if it stands where it is thought to stand. */
  void delete(String ref, ObjectId from) throws InterruptedException {
    change(
        "delete " + ref,
        ref,
        () -> {
          RefUpdate update = repository.updateRef(ref, ITSELF);
          update.setExpectedOldObjectId(from);
          update.setForceUpdate(true);
          return update.delete() != RefUpdate.Result.LOCK_FAILURE
              || !get(ref).equals(Optional.of(from));
        });
  }

  /** Make a change as soon as nobody holds the ref, and say so where a successor finds it. */
  private void change(String what, String ref, Border.Work<Boolean> change)
      throws InterruptedException {
    Path common = repository.getCommonDirectory().toPath();
    Path lock = common.resolve(ref + ".lock");
    Path packed = common.resolve("packed-refs.lock");
    Try attempt = new Try(what, change);
    Registration announced = locks.announce(lock, packed);
    try {
      boolean settled = Patience.until(attempt);
      for (int turn = 1;
          !settled && turn <= attempt.turns() && locks.movesOn(lock) && locks.movesOn(packed);
          turn++) {
        settled = Patience.until(attempt);
      }
      if (!settled) {
        attempt.rethrow();
        throw new TransientException(
            "the ref "
                + ref
                + " stays locked; if no git process is at work, remove "
                + (Files.exists(lock) ? lock : packed));
      }
    } finally {
      announced.close();
    }
  }

  /**
   * One change, tried until it is certain. A ref is a file in directories that are made for the
   * first ref in them and removed with the last, by whoever comes; one that does so at the same
   * moment looks like any failure to read or write, so each of them is tried again.
   */
  private static final class Try implements BooleanSupplier {

    private final String what;
    private final Border.Work<Boolean> change;
    private @Nullable IOException failure;

    Try(String what, Border.Work<Boolean> change) {
      this.what = what;
      this.change = change;
    }

    @Override
    public boolean getAsBoolean() {
      return Border.call(
          what,
          () -> {
            failure = null;
            try {
              return change.run();
            } catch (MissingObjectException
                | CorruptObjectException
                | IncorrectObjectTypeException e) {
              throw e;
            } catch (IOException e) {
              failure = e;
              return false;
            }
          });
    }

    /**
     * {@return how often it is worth to have patience once more}
     *
     * <p>All refs that go share one lock, and among many who take it one may be unlucky for long.
     */
    int turns() {
      return failure instanceof LockFailedException ? MOST_TURNS : 1;
    }

    /** Say why the last try failed, if something failed in it. */
    void rethrow() {
      IOException last = failure;
      if (last != null) {
        Border.step(
            what,
            () -> {
              throw last;
            });
      }
    }
  }

  /** {@return where a branch stood before its last move, if its log says it was moved so} */
  Optional<ObjectId> before(String ref, ObjectId now, String message) {
    return Border.call(
        "read the log of " + ref,
        () -> {
          var log = repository.getRefDatabase().getReflogReader(ref);
          ReflogEntry last = log == null ? null : log.getLastEntry();
          return last != null && last.getNewId().equals(now) && message.equals(last.getComment())
              ? Optional.of(last.getOldId()).filter(old -> !old.equals(NONE))
              : Optional.empty();
        });
  }
}
