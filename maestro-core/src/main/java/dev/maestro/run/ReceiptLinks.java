package dev.maestro.run;

import java.util.List;
import java.util.Objects;

/**
 * Where the receipts of an event stand in the chain of their run.
 *
 * <p>The hash of a receipt covers the receipt, the task, attempt and checkpoint it is for, and the
 * hash of the one before; that of the first covers the run's name. The end of a run holds no
 * receipt, and says how many there were.
 *
 * @param before how many receipts of the run are chained before those of the event
 * @param previous the hash of the one before, as 64 hexadecimal digits
 * @param hashes of the receipts of the event, in their order
 */
public record ReceiptLinks(long before, String previous, List<String> hashes) {

  /** Copy the list. */
  public ReceiptLinks {
    Objects.requireNonNull(previous, "previous");
    hashes = List.copyOf(hashes);
  }

  /** {@return how many receipts are chained up to here} */
  public long count() {
    return before + hashes.size();
  }

  /** {@return the hash of the last one up to here} */
  public String last() {
    return hashes.isEmpty() ? previous : hashes.get(hashes.size() - 1);
  }

  /** {@return the hash before the one at this index} */
  String before(int index) {
    return index == 0 ? previous : hashes.get(index - 1);
  }
}
