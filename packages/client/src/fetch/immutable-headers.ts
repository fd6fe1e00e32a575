/** Headers that can only be read, as those of a response are (Fetch standard, "headers guard"). */
export class ImmutableHeaders extends Headers {
  override append(): never {
    throw immutable();
  }

  override delete(): never {
    throw immutable();
  }

  override set(): never {
    throw immutable();
  }
}

function immutable(): TypeError {
  return new TypeError('headers of a response are immutable');
}
