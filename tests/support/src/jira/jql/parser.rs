//! JQL to a condition and an order.

use super::super::refusal::Refusal;
use super::Condition;
use super::clause::{Clause, Operator};
use super::token::{self, Token};

/// Fields to sort by, and whether the highest comes first.
type Order = Vec<(String, bool)>;

/// Reads a whole text; there may be no condition in it.
pub(super) fn read(text: &str) -> Result<(Option<Condition>, Order), Refusal> {
    let mut parser = Parser {
        tokens: token::split(text)?,
        at: 0,
    };
    let bare = parser.tokens.is_empty() || parser.sees("ORDER");
    let condition = if bare { None } else { Some(parser.any()?) };
    let order = parser.order()?;
    match parser.next() {
        None => Ok((condition, order)),
        Some(token) => Err(unexpected(Some(&token))),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.peek().cloned();
        self.at += 1;
        token
    }

    fn sees(&self, keyword: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(keyword))
    }

    fn takes(&mut self, keyword: &str) -> bool {
        let sees = self.sees(keyword);
        self.at += usize::from(sees);
        sees
    }

    fn takes_sign(&mut self, sign: &'static str) -> bool {
        let sees = self.peek() == Some(&Token::Sign(sign));
        self.at += usize::from(sees);
        sees
    }

    fn any(&mut self) -> Result<Condition, Refusal> {
        let mut parts = vec![self.all()?];
        while self.takes("OR") {
            parts.push(self.all()?);
        }
        Ok(Condition::Any(parts))
    }

    fn all(&mut self) -> Result<Condition, Refusal> {
        let mut parts = vec![self.one()?];
        while self.takes("AND") {
            parts.push(self.one()?);
        }
        Ok(Condition::All(parts))
    }

    fn one(&mut self) -> Result<Condition, Refusal> {
        if self.takes("NOT") {
            return Ok(Condition::Not(Box::new(self.one()?)));
        }
        if !self.takes_sign("(") {
            return self.clause();
        }
        let inner = self.any()?;
        self.closed()?;
        Ok(inner)
    }

    fn closed(&mut self) -> Result<(), Refusal> {
        match self.next() {
            Some(Token::Sign(")")) => Ok(()),
            other => Err(unexpected(other.as_ref())),
        }
    }

    fn clause(&mut self) -> Result<Condition, Refusal> {
        let field = self.value()?;
        let operator = self.operator()?;
        let values = match operator {
            Operator::In | Operator::NotIn => self.list()?,
            Operator::Empty | Operator::NotEmpty => Vec::new(),
            _ => vec![self.value()?],
        };
        Ok(Condition::Clause(Clause::new(&field, operator, values)))
    }

    fn operator(&mut self) -> Result<Operator, Refusal> {
        if self.takes("IN") {
            return Ok(Operator::In);
        }
        if self.takes("IS") {
            let not = self.takes("NOT");
            if !self.takes("EMPTY") && !self.takes("NULL") {
                return Err(unexpected(self.peek()));
            }
            return Ok(if not { Operator::NotEmpty } else { Operator::Empty });
        }
        if self.takes("NOT") {
            return if self.takes("IN") {
                Ok(Operator::NotIn)
            } else {
                Err(unexpected(self.peek()))
            };
        }
        let token = self.next();
        let sign = match &token {
            Some(Token::Sign(sign)) => Operator::of(sign),
            _ => None,
        };
        sign.ok_or_else(|| unexpected(token.as_ref()))
    }

    fn list(&mut self) -> Result<Vec<String>, Refusal> {
        if !self.takes_sign("(") {
            return Err(unexpected(self.peek()));
        }
        let mut values = vec![self.value()?];
        while self.takes_sign(",") {
            values.push(self.value()?);
        }
        self.closed()?;
        Ok(values)
    }

    /// A name or a value; a function is kept with its brackets.
    fn value(&mut self) -> Result<String, Refusal> {
        match self.next() {
            Some(Token::Quoted(text)) => Ok(text),
            Some(Token::Word(word)) if self.takes_sign("(") => {
                self.closed()?;
                Ok(format!("{word}()"))
            }
            Some(Token::Word(word)) => Ok(word),
            other => Err(unexpected(other.as_ref())),
        }
    }

    fn order(&mut self) -> Result<Order, Refusal> {
        let mut order = Vec::new();
        if !self.takes("ORDER") {
            return Ok(order);
        }
        if !self.takes("BY") {
            return Err(unexpected(self.peek()));
        }
        loop {
            let field = self.value()?.to_lowercase();
            let falling = self.takes("DESC");
            if !falling {
                self.takes("ASC");
            }
            order.push((field, falling));
            if !self.takes_sign(",") {
                return Ok(order);
            }
        }
    }
}

fn unexpected(token: Option<&Token>) -> Refusal {
    let told = match token {
        None => return Refusal::bad("Error in the JQL Query: The query ends too early."),
        Some(Token::Word(text) | Token::Quoted(text)) => text.clone(),
        Some(Token::Sign(sign)) => (*sign).to_owned(),
    };
    Refusal::bad(format!("Error in the JQL Query: '{told}' was not expected here."))
}
