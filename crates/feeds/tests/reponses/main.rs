//! The exchange with *Réponses*: what is written holds to its forms, what it sends is read, and nothing makes the reader
//! work without end.

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod received;
#[cfg(test)]
mod sent;
#[cfg(test)]
mod xmllint;
